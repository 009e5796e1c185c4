#include "cli/verbosity.h"

#include <algorithm>
#include <map>

#include <CLI/CLI.hpp>

namespace mkdt::cli {
namespace {

Verbosity asked;

const std::map<std::string, LogLevel>& levels() {
  static const std::map<std::string, LogLevel> all = {{"debug", LogLevel::kDebug},
                                                      {"info", LogLevel::kInfo},
                                                      {"warning", LogLevel::kWarning},
                                                      {"error", LogLevel::kError}};
  return all;
}

}  // namespace

bool Verbosity::says(LogLevel message) const {
  return message >= (quiet ? std::max(level, LogLevel::kWarning) : level);
}

void add_verbosity_options(CLI::App& app) {
  app.add_flag("--quiet", asked.quiet,
               "Print only warnings and errors: no progress, no table at the end; wins over a "
               "--log-level "
               "that says more")
      ->group("Output");
  app.add_option_function<std::string>(
         "--log-level", [](const std::string& name) { asked.level = levels().at(name); },
         "What to say on standard error: progress and messages are info, debug has the points of "
         "curves too [info]")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->type_name("LEVEL")
      ->group("Output");
  for (CLI::App* command : app.get_subcommands([](const CLI::App* /*any*/) { return true; })) {
    add_verbosity_options(*command);
  }
}

const Verbosity& verbosity() { return asked; }

}  // namespace mkdt::cli
