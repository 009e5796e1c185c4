// The version before the newest one of a file that is written again and again.
#pragma once

#include <filesystem>

namespace mkdt {

// NAME.previous.EXTENSION beside NAME.EXTENSION.
std::filesystem::path previous_of(const std::filesystem::path& path);

// Makes what is at `path` the previous version, in place of the one before it; until a new one is
// written, both names are of it. Nothing where there is no file.
void keep_previous(const std::filesystem::path& path);

}  // namespace mkdt
