// The files of a folder, and names that have to stay inside one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mkdt {

// All files of a folder, with a name in every message.

// The regular files in `folder` and below, in no order; links to files count, links to folders are
// not followed. Error naming the folder that cannot be listed (the standard's recursive iterator
// does not know which one it was).
std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder);

// Names that a file gives for other files.

// Whether `name` means something below the folder that it is appended to: it is relative and has
// no "..", and no zero byte at which the system would cut it off. Links are not looked at.
bool stays_inside(const std::string& name);

}  // namespace mkdt
