// What one file holds, printed for people.
#pragma once

#include <filesystem>

namespace mkdt::cli {

// Files that mkdt writes or reads: safetensors, NumPy arrays, JSON and lines of it, PNG and JPEG
// images, and texts, which are printed as they are. Error that names the file for all others.
void inspect_file(const std::filesystem::path& path);

}  // namespace mkdt::cli
