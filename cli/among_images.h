// What is written into a folder of images is said to be so.
#pragma once

#include <filesystem>

namespace mkdt::cli {

// One line on standard error where `path` lies among images, unless --quiet.
void say_if_among_images(const std::filesystem::path& path);

// Error where the file --out would take the place of what a stage of a run wrote, or of an image
// that is not mkdt's.
void check_output(const std::filesystem::path& path);

}  // namespace mkdt::cli
