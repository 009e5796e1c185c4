// CONFIG and the run folder: the arguments of every command that works in one.
#pragma once

#include <filesystem>
#include <string>

#include "cli/config_arguments.h"
#include "mkdt/stages/finished_work.h"

namespace mkdt::cli {

struct RunArguments {
  ConfigArguments config;
  std::string out;
  bool redo = false;

  // --out, or else the run folder that CONFIG is, or the one of its name.
  std::filesystem::path folder() const;
  // --redo, or a question.
  MayReplace may_replace() const;
};

// Those of add_config_arguments and --out. `arguments` must live as long as the command.
void add_run_arguments(CLI::App& command, RunArguments& arguments);
// For a command that does stages.
void add_redo_flag(CLI::App& command, RunArguments& arguments);

}  // namespace mkdt::cli
