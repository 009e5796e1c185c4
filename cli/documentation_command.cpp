// mkdt man and mkdt completion, whose output a package installs beside the program.
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command_tree.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/man_page.h"
#include "cli/presets.h"
#include "mkdt/run/config.h"

namespace mkdt::cli {
namespace {

void print_completion(const CLI::App& app, const std::string& shell) {
  const Config defaults;
  Completions known{command_tree(app), defaults.table.options(), {}};
  for (const Preset& preset : presets()) known.presets.push_back(preset.name);
  fmt::print("{}", shell == "bash"  ? bash_completion(known)
                   : shell == "zsh" ? zsh_completion(known)
                                    : fish_completion(known));
}

}  // namespace

void add_documentation_commands(CLI::App& app) {
  const auto shell = std::make_shared<std::string>();
  CLI::App* completion = app.add_subcommand("completion",
                                            "Print what completes commands and options on Tab: for "
                                            "bash, source <(mkdt completion bash).");
  completion->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->callback([&app, shell] { print_completion(app, *shell); });

  CLI::App* man = app.add_subcommand("man", "Print the manual page: mkdt man | man -l -.");
  man->callback([&app] {
    const Config defaults;
    fmt::print("{}", man_page(command_tree(app), defaults.table.options()));
  });
}

}  // namespace mkdt::cli
