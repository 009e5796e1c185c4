#include <filesystem>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/config_arguments.h"
#include "cli/terminal_observer.h"
#include "cli/threads.h"
#include "mkdt/pipeline/pipeline.h"
#include "mkdt/pipeline/stage.h"
#include "mkdt/report/comparison_table.h"
#include "mkdt/report/results.h"

namespace mkdt::cli {
namespace {

namespace fs = std::filesystem;

struct RunArguments {
  ConfigArguments config;
  std::string out;
};

fs::path folder_of(const RunArguments& arguments) {
  return arguments.out.empty() ? default_run_folder(arguments.config.path)
                               : fs::path(arguments.out);
}

void print_results(const fs::path& run_folder) {
  const fs::path results = results_folder(run_folder);
  if (!fs::exists(results / "results.json")) return;
  for (const Table& table : comparison_tables(read_results(results / "results.json"))) {
    fmt::print("\n{}", terminal_text(table));
  }
  fmt::print("\nTable: {}\nImages: {}\n", (results / "results.md").string(),
             (run_folder / "distill" / "contact_sheet.png").string());
}

void execute(const RunArguments& arguments, const std::string& stage) {
  const auto config = arguments.config.load();
  set_up(config->runtime);
  TerminalObserver observer;
  const fs::path folder = folder_of(arguments);
  run_pipeline(*config, folder, stage, observer);
  if (stage.empty() || stage == "evaluate") print_results(folder);
}

void add_command(CLI::App& app, const std::string& name, const std::string& purpose,
                 const std::string& stage) {
  const auto arguments = std::make_shared<RunArguments>();
  CLI::App* command = app.add_subcommand(name, purpose);
  add_config_arguments(*command, arguments->config);
  command->add_option("--out", arguments->out, "Run folder instead of runs/<config name>")
      ->type_name("DIR");
  command->callback([arguments, stage] { execute(*arguments, stage); });
}

}  // namespace

void add_run_commands(CLI::App& app) {
  add_command(app, "run", "Do every stage that is not yet done, in order, and show the results.",
              "");
  const Config defaults;
  for (const Stage& stage : stages_of(defaults)) {
    add_command(app, stage.name, stage.purpose, stage.name);
  }
}

}  // namespace mkdt::cli
