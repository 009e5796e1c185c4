// The names of files that are read as images.
#pragma once

#include <filesystem>
#include <string>

namespace mkdt {

// The ending of a file's name, in small letters: ".jpg"; empty if it has none.
std::string ending_of(const std::filesystem::path& path);

// .jpg, .jpeg or .png
bool is_image_ending(const std::string& ending);

}  // namespace mkdt
