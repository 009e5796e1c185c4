// A file that is written again and again, and the version before its newest one.
#pragma once

#include <filesystem>
#include <functional>

namespace mkdt {

// NAME.previous.EXTENSION beside NAME.EXTENSION.
std::filesystem::path previous_of(const std::filesystem::path& path);

// `write` puts the next version, whole and on the disk, to the path that it is given. Then what is
// at `path` becomes the previous version, and the next one takes its place: whatever happens, there
// is a whole version under one of the two names if there was one before.
void write_next_version(const std::filesystem::path& path,
                        const std::function<void(const std::filesystem::path& next)>& write);

}  // namespace mkdt
