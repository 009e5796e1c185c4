// Files that are either whole or not there: temporary name, sync, rename, sync of the folder.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>

namespace mkdt {

// Writes `path` through `write`, which gets a binary stream. On any failure (of `write`, of the
// disk) the temporary file is removed, what was at `path` before stays, unless the folder alone
// cannot be synced after the rename, and Error names the path
// and the reason. Creates missing parent folders.
void write_file_atomically(const std::filesystem::path& path,
                           const std::function<void(std::ostream&)>& write);

void write_text_atomically(const std::filesystem::path& path, const std::string& text);

// The same promise for libraries that insist on opening the file themselves: `write` is given
// the temporary path.
void write_path_atomically(const std::filesystem::path& path,
                           const std::function<void(const std::filesystem::path&)>& write);

// Missing parents too, each synced into the folder that it is in. Error if it cannot be.
void create_folder(const std::filesystem::path& folder);

// The temporary files that killed processes left in `folder`, and below if it says so; nobody else
// may be writing there.
void remove_temporaries(const std::filesystem::path& folder, bool and_below);

// The whole file as a string; Error if it cannot be read, is no regular file, or has over 1 GiB.
std::string read_text(const std::filesystem::path& path);

}  // namespace mkdt
