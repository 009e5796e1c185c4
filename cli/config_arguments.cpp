#include "cli/config_arguments.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

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

void add_config_arguments(CLI::App& command, ConfigArguments& arguments) {
  command
      .add_option("CONFIG", arguments.path,
                  "TOML file with the options; `mkdt help` names a first one")
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
