#include "mkdt/data/own_folders.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "mkdt/core/error.h"
#include "mkdt/core/nesting.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

bool is_file(const fs::path& path) {
  std::error_code code;
  return fs::is_regular_file(path, code);
}

// Empty if it cannot be read.
std::string beginning_of(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file < 0) return "";
  std::array<char, 4096> bytes{};
  const ssize_t got = ::pread(file, bytes.data(), bytes.size(), 0);
  ::close(file);
  return {bytes.data(), static_cast<size_t>(std::max<ssize_t>(got, 0))};
}

bool has_all(const std::string& text, std::initializer_list<const char*> parts) {
  return std::all_of(parts.begin(), parts.end(),
                     [&](const char* part) { return text.find(part) != std::string::npos; });
}

bool says_written_by_export(const fs::path& file) {
  if (!is_file(file)) return false;
  try {
    const auto entry = nlohmann::json::parse(read_json_text(file), nullptr, false);
    return entry.is_object() && entry.value("written_by", nlohmann::json()) == kWrittenByExport;
  } catch (const Error&) {
    return false;  // not a file of ours
  }
}

bool has_stages(const fs::path& folder) {
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    if (is_file(entry->path() / "manifest.json")) return true;
  }
  return false;
}

}  // namespace

bool is_export_folder(const fs::path& folder) {
  return says_written_by_export(folder / "metadata.json") ||
         says_written_by_export(folder / "recipe.json");
}

bool is_run_folder(const fs::path& folder) {
  if (is_file(folder / "lock.json") &&
      has_all(beginning_of(folder / "lock.json"), {"\"host\"", "\"pid\""})) {
    return true;
  }
  if (is_file(folder / "log.jsonl") &&
      has_all(beginning_of(folder / "log.jsonl"), {"{\"time\":", "\"level\":", "\"message\":"})) {
    return true;
  }
  return is_file(folder / "config.toml") && has_stages(folder);
}

std::string own_folder_kind(const fs::path& folder) {
  if (is_run_folder(folder)) return "a run folder of mkdt";
  return is_export_folder(folder) ? "an export of mkdt" : "";
}

}  // namespace mkdt
