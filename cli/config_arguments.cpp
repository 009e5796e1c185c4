#include "cli/config_arguments.h"

#include <filesystem>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/presets.h"
#include "mkdt/base/error.h"
#include "mkdt/stages/pipeline.h"

namespace mkdt::cli {

namespace fs = std::filesystem;

namespace {

// Adds --section.key VALUE for every option there is, as `mkdt options` lists them.
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

fs::path ConfigArguments::place() const {
  const bool is_there =
      fs::is_directory(path) ? fs::exists(fs::path(path) / kConfigFile) : fs::exists(path);
  const auto preset = is_there ? std::nullopt : preset_named(path);
  return preset ? *preset : fs::path(path);
}

bool ConfigArguments::is_run() const { return fs::is_directory(place()); }

std::unique_ptr<Config> ConfigArguments::load() const {
  const fs::path found = place();
  const bool is_name = fs::path(path).filename() == path && fs::path(path).extension() != ".toml";
  if (is_name && !fs::exists(found))
    throw Error("no file and no run folder, and " + no_preset(path));
  if (!is_run()) return Config::load(found, assignments);
  const fs::path own = found / kConfigFile;
  if (!fs::exists(own)) {
    throw Error(
        fmt::format("{}: no run folder: there is no {} in it; name a run folder or a TOML file",
                    path, kConfigFile));
  }
  return Config::load(own, assignments);
}

void add_config_arguments(CLI::App& command, ConfigArguments& arguments) {
  command
      .add_option("CONFIG", arguments.path,
                  "A preset's name (`mkdt presets` lists them), a TOML file with options, or a run "
                  "folder, for its own")
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
