// Files and folders that are really on the disk.
#pragma once

#include <filesystem>

namespace mkdt {

// fsync of a file, or of a folder with its names. Error naming it if that fails.
void sync_file(const std::filesystem::path& path);
void sync_folder(const std::filesystem::path& path);

}  // namespace mkdt
