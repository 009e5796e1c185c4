#include "mkdt/run/source_fingerprint.h"

#include <algorithm>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/data/dataset.h"
#include "mkdt/data/image_list.h"
#include "mkdt/io/checksum.h"
#include "mkdt/run/manifest.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

std::string fingerprint_of_read(const DataOptions& options, const Observer& observer) {
  const std::vector<fs::path> files = source_files(options);
  const std::vector<std::string> names = names_below(options.root, files);
  std::string listing;
  for (size_t i = 0; i < files.size(); ++i) {
    throw_if_stopped(observer);
    listing += fmt::format("{} {}\n", names[i], file_checksum(files[i]));
  }
  return checksum(listing);
}

// Returns the fingerprint of every file that is there, which versions up to 0.1.0 recorded; empty
// if a file cannot be read.
std::string fingerprint_of_all(const fs::path& root, const Observer& observer) {
  std::vector<fs::path> files;
  std::string listing;
  try {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      throw_if_stopped(observer);
      listing += fmt::format("{} {}\n", fs::relative(file, root).string(), file_checksum(file));
    }
  } catch (const fs::filesystem_error&) {
    return "";
  } catch (const Error&) {
    return "";
  }
  return checksum(listing);
}

bool names_images(const std::string& input) {
  return input == "data" || input.compare(0, 9, "data set ") == 0;
}

}  // namespace

Fingerprints recorded_fingerprints(const fs::path& run_folder) {
  Fingerprints recorded;
  std::error_code code;
  for (fs::directory_iterator entry(run_folder, code), end; !code && entry != end;
       entry.increment(code)) {
    const auto manifest = read_manifest(entry->path() / kManifestFile);
    if (!manifest) continue;
    for (const auto& [name, fingerprint] : manifest->inputs) {
      if (names_images(name)) recorded.insert(fingerprint);
    }
  }
  return recorded;
}

std::string source_fingerprint(const DataOptions& options, const Observer& observer,
                               const Fingerprints& recorded, const std::string& key) {
  if (options.format == "shapes") return "shapes";
  if (options.root.empty())
    throw Error(fmt::format("{}: set it to the folder with the images", key));
  if (!fs::is_directory(options.root)) {
    throw Error(fmt::format("{}: no such folder: '{}'", key, options.root));
  }
  const std::string now = fingerprint_of_read(options, observer);
  if (recorded.empty() || recorded.count(now) != 0) return now;
  const std::string all = fingerprint_of_all(options.root, observer);
  return recorded.count(all) != 0 ? all : now;
}

std::string folder_fingerprint(const std::string& root, const std::string& key,
                               const Observer& observer, const Fingerprints& recorded) {
  DataOptions options;
  options.root = root;
  return source_fingerprint(options, observer, recorded, key);
}

}  // namespace mkdt
