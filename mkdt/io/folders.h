// Lists the files of a folder, and checks names that have to stay inside one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mkdt {

// Returns the regular files in `folder` and below, in no order; links to files count, links to
// folders are not followed. Throws Error naming the folder that cannot be listed (the standard's
// recursive iterator does not know which one it was).
std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder);

// Tells whether `name`, which a file gives for another file, leads below the folder that it is
// appended to: it is relative and has no "..", and no zero byte at which the system would cut it
// off. Links are not looked at.
bool stays_inside(const std::string& name);

}  // namespace mkdt
