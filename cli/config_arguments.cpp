#include "cli/config_arguments.h"

#include <filesystem>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/pipeline/pipeline.h"

namespace mkdt::cli {
namespace {

// --section.key VALUE for every option there is, listed by `mkdt options`.
void add_option_flags(CLI::App& command, ConfigArguments& arguments) {
  const Config declared;
  for (const Option& option : declared.table.options()) {
    const std::string key = option.key();
    command
        .add_option_function<std::string>(
            "--" + key,
            [&arguments, key](const std::string& value) {
              arguments.assignments.push_back(fmt::format("{}={}", key, value));
            },
            option.help)
        ->group("");  // not in --help, which would be too long; in `mkdt options`
  }
}

}  // namespace

bool ConfigArguments::is_run() const { return std::filesystem::is_directory(path); }

std::unique_ptr<Config> ConfigArguments::load() const {
  if (!is_run()) return Config::load(path, assignments);
  const std::filesystem::path own = std::filesystem::path(path) / kConfigFile;
  if (!std::filesystem::exists(own)) {
    throw Error(
        fmt::format("{}: no run folder: there is no {} in it; name a run folder or a TOML file",
                    path, kConfigFile));
  }
  return Config::load(own, assignments);
}

void add_config_arguments(CLI::App& command, ConfigArguments& arguments) {
  command
      .add_option(
          "CONFIG", arguments.path,
          "TOML file with the options (`mkdt help` names a first one), or a run folder, for "
          "its own")
      ->required();
  command
      .add_option("--set", arguments.assignments,
                  "Change an option: section.key=value; may be given more than once")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  add_option_flags(command, arguments);
  command.footer(
      "Every option is also a flag: --distill.iterations 100 is --set "
      "distill.iterations=100.\n`mkdt options` lists them all.");
}

}  // namespace mkdt::cli
