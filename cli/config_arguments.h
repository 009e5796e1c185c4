// The arguments of every command that takes a configuration: CONFIG and the changes of its options.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "mkdt/run/config.h"

namespace CLI {
class App;
}

namespace mkdt::cli {

struct ConfigArguments {
  std::string path;                      // a TOML file, a run folder or the name of a preset
  std::vector<std::string> assignments;  // section.key=value

  // Returns the file or folder: that of the preset where `path` is a name and nothing else is
  // there.
  std::filesystem::path place() const;
  // Tells whether it is a run folder, which has its configuration in it.
  bool is_run() const;
  std::unique_ptr<Config> load() const;
};

// Adds CONFIG, --set KEY=VALUE and a flag --section.key for every option there is. `arguments` must
// live as long as the command.
void add_config_arguments(CLI::App& command, ConfigArguments& arguments);

}  // namespace mkdt::cli
