// All files of a folder, with a name in every message.
#pragma once

#include <filesystem>
#include <vector>

namespace mkdt {

// The regular files in `folder` and below, in no order; links to files count, links to folders are
// not followed. Error naming the folder that cannot be listed (the standard's recursive iterator
// does not know which one it was).
std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder);

}  // namespace mkdt
