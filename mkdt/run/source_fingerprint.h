// Identifies the images that a run was made from, by the contents of their files.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "mkdt/base/observer.h"
#include "mkdt/data/dataset.h"

namespace mkdt {

// Returns the fingerprints that the manifests in a run folder name as those of their images.
using Fingerprints = std::set<std::string>;
Fingerprints recorded_fingerprints(const std::filesystem::path& run_folder);

// Returns the checksum of the relative names and contents of the files that are read of data.root
// (`key` is the option to name instead), wherever it lies; a constant for the built-in shapes,
// which their options determine. Versions up to 0.1.0 counted every file that lay there: where one
// of `recorded` is that checksum, and not this one, it is returned, so that what they made counts
// as made. Large sets whose names, sizes and times are those of an earlier run are not read again
// (data.cache). Throws Error if the folder is not there, or has no images, and Stopped, within a
// file, once the observer wants to stop.
std::string source_fingerprint(const DataOptions& options, const Observer& observer = Observer(),
                               const Fingerprints& recorded = {},
                               const std::string& key = "data.root");

// Returns the fingerprint of a further folder, whose format is found out; `cache` as data.cache.
std::string folder_fingerprint(const std::string& root, const std::string& cache,
                               const std::string& key, const Observer& observer = Observer(),
                               const Fingerprints& recorded = {});

}  // namespace mkdt
