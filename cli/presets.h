// Finds the configurations that come with the program.
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

// Returns the folder that holds demo.toml and the others: share/mkdt/configs of an installed
// program, configs/ of the sources in which it was built, or configs/ in the working folder;
// nothing if none is there.
std::optional<std::filesystem::path> presets_folder();

// Lists them by name.
std::vector<Preset> presets();

// Returns the file of the preset of that name; nothing if there is none.
std::optional<std::filesystem::path> preset_named(const std::string& name);

// Returns one line on a preset that does not exist, with the nearest one.
std::string no_preset(const std::string& name);

}  // namespace mkdt::cli
