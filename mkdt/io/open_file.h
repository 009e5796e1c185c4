// Tells of an open file what became of its name.
#pragma once

#include <filesystem>

namespace mkdt {

// Tells whether the open file is still the one at `path`: whoever had locked it before may have
// removed or renamed it.
bool is_at(int descriptor, const std::filesystem::path& path);

}  // namespace mkdt
