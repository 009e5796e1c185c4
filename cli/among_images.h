// What is written into a folder of images is said to be so.
#pragma once

#include <filesystem>

namespace mkdt::cli {

// One line on standard error where `path` lies among images, unless --quiet.
void say_if_among_images(const std::filesystem::path& path);

}  // namespace mkdt::cli
