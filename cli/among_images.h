// Guards the place of an output: warns where it lies among images, and refuses to overwrite a
// stage's files.
#pragma once

#include <filesystem>

namespace mkdt::cli {

// Prints one line on standard error where `path` lies among images, unless --quiet.
void say_if_among_images(const std::filesystem::path& path);

// Throws Error where the file --out would take the place of a file that a stage of a run wrote, or
// of an image that is not mkdt's.
void check_output(const std::filesystem::path& path);

}  // namespace mkdt::cli
