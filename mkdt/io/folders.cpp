#include "mkdt/io/folders.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "mkdt/base/error.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

void collect(const fs::path& folder, std::vector<fs::path>& files) {
  std::vector<fs::path> inner;
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
      if (entry.is_directory() && !entry.is_symlink()) inner.push_back(entry.path());
    }
  } catch (const fs::filesystem_error& error) {
    throw Error(fmt::format("{}: cannot list: {}", folder.string(), error.code().message()));
  }
  for (const fs::path& path : inner) collect(path, files);
}

}  // namespace

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  collect(folder, files);
  return files;
}

bool stays_inside(const std::string& name) {
  const std::filesystem::path path(name);
  return !name.empty() && path.is_relative() && name.find('\0') == std::string::npos &&
         std::find(path.begin(), path.end(), "..") == path.end();
}

}  // namespace mkdt
