// The configurations that come with the program.
#pragma once

#include <filesystem>
#include <optional>

namespace mkdt::cli {

// The folder that holds demo.toml and the others, as it can be named from here: configs/ in the
// working folder, share/mkdt/configs of an installed program, or that of the sources which it was
// built in; nothing if none is there.
std::optional<std::filesystem::path> presets_folder();

}  // namespace mkdt::cli
