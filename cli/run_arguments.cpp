#include "cli/run_arguments.h"

#include <CLI/CLI.hpp>

#include "cli/replace_question.h"
#include "mkdt/stages/pipeline.h"

namespace mkdt::cli {

std::filesystem::path RunArguments::folder() const {
  if (!out.empty()) return out;
  const std::filesystem::path place = config.place();
  return config.is_run() ? place : default_run_folder(place);
}

MayReplace RunArguments::may_replace() const {
  if (redo) return [](const FinishedWork& /*lost*/) { return true; };
  return ask_to_replace;
}

void add_run_arguments(CLI::App& command, RunArguments& arguments) {
  add_config_arguments(command, arguments.config);
  command
      .add_option("--out", arguments.out,
                  "Run folder instead of runs/<config name>, or of the one that CONFIG is")
      ->type_name("DIR")
      ->check(CLI::Validator(
          [](const std::string& folder) { return folder.empty() ? "it is empty" : ""; }, ""));
}

void add_redo_flag(CLI::App& command, RunArguments& arguments) {
  command.add_flag("--redo", arguments.redo,
                   "Do finished stages again whose options or inputs changed, without a question");
}

}  // namespace mkdt::cli
