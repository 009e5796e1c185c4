#include "mkdt/run/source_fingerprint.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/data/cache.h"
#include "mkdt/data/dataset.h"
#include "mkdt/data/image_list.h"
#include "mkdt/io/checksum.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/json.h"
#include "mkdt/run/manifest.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

// The fingerprint that an earlier run found, of files that have not changed since.
class KeptFingerprint {
 public:
  KeptFingerprint(const Cache& cache, const fs::path& root, const std::vector<fs::path>& files)
      : stamps_(stamps_of(root, files)),
        kept_(cache.keeps(stamps_)),
        path_(cache.fingerprints() / (stamps_.names + ".json")) {}

  std::optional<std::string> find() const {
    if (!kept_ || !fs::exists(path_)) return std::nullopt;
    try {
      const auto json = nlohmann::json::parse(read_json_text(path_));
      if (json.at(kState).get<std::string>() != stamps_.state) return std::nullopt;
      return json.at(kFingerprint).get<std::string>();
    } catch (const nlohmann::json::exception&) {
      return std::nullopt;
    } catch (const Error&) {
      return std::nullopt;
    }
  }

  void keep(const std::string& fingerprint) const {
    if (!kept_) return;
    const nlohmann::json json = {{kState, stamps_.state}, {kFingerprint, fingerprint}};
    try {
      write_text_atomically(path_, json.dump() + "\n");
    } catch (const Error&) {  // the next run reads the files again
    }
  }

 private:
  static constexpr const char* kState = "state";
  static constexpr const char* kFingerprint = "fingerprint";

  FileStamps stamps_;
  bool kept_;
  fs::path path_;
};

std::string fingerprint_of_read(const DataOptions& options, const Observer& observer) {
  const std::vector<fs::path> files = source_files(options);
  const KeptFingerprint kept(cache_of(options.cache), options.root, files);
  if (const std::optional<std::string> found = kept.find()) return *found;
  const std::vector<std::string> names = names_below(options.root, files);
  std::string listing;
  for (size_t i = 0; i < files.size(); ++i) {
    throw_if_stopped(observer);
    listing += fmt::format("{} {}\n", names[i], file_checksum(files[i]));
  }
  std::string fingerprint = checksum(listing);
  kept.keep(fingerprint);
  return fingerprint;
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

std::string folder_fingerprint(const std::string& root, const std::string& cache,
                               const std::string& key, const Observer& observer,
                               const Fingerprints& recorded) {
  DataOptions options;
  options.root = root;
  options.cache = cache;
  return source_fingerprint(options, observer, recorded, key);
}

}  // namespace mkdt
