// CONFIG and the run folder: the arguments of every command that works in one.
#pragma once

#include <filesystem>
#include <string>

#include "cli/config_arguments.h"

namespace mkdt::cli {

struct RunArguments {
  ConfigArguments config;
  std::string out;

  std::filesystem::path folder() const;
};

// Those of add_config_arguments and --out. `arguments` must live as long as the command.
void add_run_arguments(CLI::App& command, RunArguments& arguments);

}  // namespace mkdt::cli
