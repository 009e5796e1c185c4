#include "cli/run_arguments.h"

#include <CLI/CLI.hpp>

#include "mkdt/pipeline/pipeline.h"

namespace mkdt::cli {

std::filesystem::path RunArguments::folder() const {
  return out.empty() ? default_run_folder(config.path) : std::filesystem::path(out);
}

void add_run_arguments(CLI::App& command, RunArguments& arguments) {
  add_config_arguments(command, arguments.config);
  command.add_option("--out", arguments.out, "Run folder instead of runs/<config name>")
      ->type_name("DIR");
}

}  // namespace mkdt::cli
