// What identifies the images that a run was made from: the contents of their files.
#pragma once

#include <string>

#include "mkdt/data/data_options.h"

namespace mkdt {

// Checksum of the relative names and contents of all files below `root`, wherever it lies.
// Error if `root` is not a folder; `key` is the option to name.
std::string folder_fingerprint(const std::string& root, const std::string& key);

// The same for data.root; a constant for the built-in shapes, which their options determine.
std::string source_fingerprint(const DataOptions& options);

}  // namespace mkdt
