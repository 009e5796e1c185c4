#include "mkdt/data/own_folders.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/data/image_file.h"
#include "mkdt/data/png.h"
#include "mkdt/io/json.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

bool is_file(const fs::path& path) {
  std::error_code code;
  return fs::is_regular_file(path, code);
}

// Returns the beginning of a file; empty if it cannot be read.
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
    return false;  // the file is none of ours
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

namespace {

bool is_foreign_image(const fs::directory_entry& entry) {
  std::error_code code;
  return is_image_ending(ending_of(entry.path())) && entry.is_regular_file(code) &&
         !is_marked_picture(entry.path());
}

// Looks down to `depth` folders below; a folder that cannot be listed holds none.
bool holds_images(const fs::path& folder, int depth) {
  if (!own_folder_kind(folder).empty()) return false;
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    std::error_code ignored;
    if (entry->is_directory(ignored) ? depth > 0 && holds_images(entry->path(), depth - 1)
                                     : is_foreign_image(*entry)) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string note_among_images(const fs::path& path) {
  std::error_code code;
  const fs::path whole = fs::absolute(path, code).lexically_normal();
  if (code) return "";
  const fs::path folder =
      whole.has_filename() ? whole.parent_path() : whole.parent_path().parent_path();
  // A stage's folder lies in a run's.
  if (is_run_folder(folder.parent_path()) || !holds_images(folder, /*depth=*/1)) return "";
  return fmt::format("{}: lies among images; what mkdt writes is not read as data", path.string());
}

}  // namespace mkdt
