// Whether something is about to be written where a data set seems to lie.
#pragma once

#include <filesystem>
#include <string>

namespace mkdt {

// "PATH: lies among images; what mkdt writes is not read as data" where the folder that `path` is
// written into holds images, or its folders do; empty where it holds none, or is mkdt's own.
std::string note_among_images(const std::filesystem::path& path);

}  // namespace mkdt
