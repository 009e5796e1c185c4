// Prints the contents of one file for people.
#pragma once

#include <filesystem>

namespace mkdt::cli {

// Prints a file that mkdt writes or reads: safetensors, NumPy arrays, JSON and lines of it, PNG and
// JPEG images, and texts, which are printed as they are. Throws Error that names the file for all
// others.
void inspect_file(const std::filesystem::path& path);

}  // namespace mkdt::cli
