#include "mkdt/report/export_folder.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/data/own_folders.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

constexpr const char* kPythonCache = "__pycache__";

// 000000.png …
bool is_numbered_picture(std::string_view name) {
  constexpr std::string_view kEnding = ".png";
  if (name.size() < 6 + kEnding.size()) return false;
  const std::string_view number = name.substr(0, name.size() - kEnding.size());
  return name.substr(number.size()) == kEnding &&
         std::all_of(number.begin(), number.end(),
                     [](unsigned char letter) { return std::isdigit(letter) != 0; });
}

// Whether an export gives files that name.
bool is_exported(const std::string& name) {
  constexpr std::array<std::string_view, 14> kNames = {
      "README.md",     "config.toml",   "contact_sheet.png", "images",         "images.npy",
      "load_numpy.py", "load_torch.py", "metadata.json",     "metadata.jsonl", "recipe.json",
      "results.csv",   "results.json",  "targets.npy",       kPythonCache};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() || is_numbered_picture(name);
}

bool holds_an_export_alone(const fs::path& folder) {
  if (!is_export_folder(folder)) return false;
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::end(entry); ++entry) {
    const std::string name = entry->path().filename().string();
    if (!is_exported(name)) return false;
    if (name == kPythonCache) entry.disable_recursion_pending();
  }
  return true;
}

void check_replaceable(const fs::path& path) {
  if (!fs::exists(path)) return;
  const bool folder = fs::is_directory(path);
  if (folder && (fs::is_empty(path) || holds_an_export_alone(path))) return;
  throw Error(fmt::format("{}: expected a new or empty folder, or one that an export wrote, got {}",
                          path.string(), folder ? "one with other files" : "a file"));
}

// The new folder is complete before the old one, if any, steps aside.
void replace_folder(const fs::path& path, const std::function<void(const fs::path& fresh)>& write) {
  const fs::path target = path.has_filename() ? path : path.parent_path();
  check_replaceable(target);
  const auto sibling = [&](const char* suffix) {
    return fs::path(target) += fmt::format(".{}{}", suffix, ::getpid());
  };
  const fs::path fresh = sibling("tmp");
  const fs::path old = sibling("old");
  try {
    fs::create_directories(fresh);
    write(fresh);
    if (fs::exists(target)) fs::rename(target, old);
    fs::rename(fresh, target);
    fs::remove_all(old);
  } catch (...) {
    std::error_code ignored;
    if (!fs::exists(target, ignored) && fs::exists(old, ignored)) fs::rename(old, target, ignored);
    fs::remove_all(fresh, ignored);
    throw;
  }
}

}  // namespace

void write_export_folder(const fs::path& path,
                         const std::function<void(const fs::path& fresh)>& write) {
  try {
    replace_folder(path, write);
  } catch (const fs::filesystem_error& error) {
    throw Error(fmt::format("{}: cannot export: {}", path.string(), error.code().message()));
  }
}

}  // namespace mkdt
