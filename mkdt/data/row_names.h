// A file of names beside representations: which image each row is of.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mkdt {

// "train.npy" → "train.npy.names".
std::filesystem::path row_names_file(const std::filesystem::path& rows);

// The file has a line for every row: the image's path, `images` in the order of the data set, each
// below its root. A line may say more of the path than that (from the root of the file system) or
// less (from the split's folder). Throws Error naming the first line that is of another image, or
// the numbers if there are too few or too many. Bounds: 4 GiB.
void check_row_names(const std::filesystem::path& file, const std::vector<std::string>& images);

}  // namespace mkdt
