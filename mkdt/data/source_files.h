// The files that a data set is read from.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkdt/data/data_options.h"

namespace mkdt {

// All that load_dataset reads for these options, whatever data.limit is, sorted by path; none for
// the built-in shapes. Error as load_dataset has it for what is not there.
std::vector<std::filesystem::path> source_files(const DataOptions& options);

// Of folders of images: the images' paths below data.root in the order of their rows, before
// data.limit. Empty for other formats, whose images have no files of their own.
struct ImageNames {
  std::vector<std::string> train, test;
};
ImageNames image_names(const DataOptions& options);

}  // namespace mkdt
