// The folders that exports write: whole or not at all, and never in place of what others keep.
#pragma once

#include <filesystem>
#include <functional>

namespace mkdt {

// `write` is given a new folder, which takes the place of `path` when it is complete. Error, and
// `path` as it was, if that is a file, or a folder that is neither empty nor an export's with
// nothing else in it; what Python leaves beside a loader does not count. Error naming `path` if the
// file system refuses.
void write_export_folder(const std::filesystem::path& path,
                         const std::function<void(const std::filesystem::path& fresh)>& write);

}  // namespace mkdt
