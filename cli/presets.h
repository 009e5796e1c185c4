// The configurations that come with the program.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mkdt::cli {

struct Preset {
  std::string name;  // "demo"
  std::filesystem::path path;
  std::string summary;  // one line, the file's first
};

// The folder that holds demo.toml and the others: share/mkdt/configs of an installed program, that
// of the sources which it was built in, or configs/ in the working folder; nothing if none is
// there.
std::optional<std::filesystem::path> presets_folder();

// By name.
std::vector<Preset> presets();

// The file of the preset of that name; nothing if there is none.
std::optional<std::filesystem::path> preset_named(const std::string& name);

// One line on a preset that there is not, with the nearest one.
std::string no_preset(const std::string& name);

}  // namespace mkdt::cli
