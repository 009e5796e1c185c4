// The arguments of every command that works in a run folder: CONFIG and --out.
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

  // Returns --out, or else the run folder that CONFIG is, or the one of its name.
  std::filesystem::path folder() const;
  // Allows to replace finished work with --redo, or after a question.
  MayReplace may_replace() const;
};

// Adds those of add_config_arguments and --out. `arguments` must live as long as the command.
void add_run_arguments(CLI::App& command, RunArguments& arguments);
// Adds --redo to a command that does stages.
void add_redo_flag(CLI::App& command, RunArguments& arguments);

}  // namespace mkdt::cli
