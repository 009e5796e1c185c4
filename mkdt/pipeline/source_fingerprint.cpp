#include "mkdt/pipeline/source_fingerprint.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "mkdt/core/checksum.h"
#include "mkdt/core/error.h"

namespace mkdt {
namespace fs = std::filesystem;

std::string folder_fingerprint(const std::string& root, const std::string& key) {
  if (root.empty()) throw Error(fmt::format("{}: set it to the folder with the images", key));
  if (!fs::is_directory(root)) throw Error(fmt::format("{}: no such folder: '{}'", key, root));
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::string listing;
  for (const fs::path& file : files) {
    listing += fmt::format("{} {}\n", fs::relative(file, root).string(), file_checksum(file));
  }
  return checksum(listing);
}

std::string source_fingerprint(const DataOptions& options) {
  return options.format == "shapes" ? "shapes" : folder_fingerprint(options.root, "data.root");
}

}  // namespace mkdt
