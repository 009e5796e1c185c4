// mkdt compare: methods × encoders × downstream sets × labels × seeds.
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/commands.h"
#include "cli/print_table.h"
#include "cli/results.h"
#include "cli/run_arguments.h"
#include "cli/terminal_observer.h"
#include "cli/threads.h"
#include "cli/with_report.h"
#include "mkdt/base/units.h"
#include "mkdt/publish/recipe_table.h"
#include "mkdt/stages/pipeline.h"

namespace mkdt::cli {
namespace {

struct CompareArguments : RunArguments {
  bool dry_run = false;
  bool report = false;
};

void print_outlook(const ComparisonOutlook& outlook) {
  print_table(work_table(outlook.work));
  fmt::print("\nIn all about {} on this machine.\n", duration_text(total_seconds(outlook.work)));
  if (outlook.stages.empty()) return;
  fmt::print("Before it, not included: {}.\n", fmt::join(outlook.stages, ", "));
}

void execute(const CompareArguments& arguments) {
  const auto config = arguments.config.load();
  set_up(config->runtime);
  TerminalObserver observer;
  if (arguments.dry_run) {
    print_outlook(comparison_outlook(*config, arguments.folder(), observer));
    return;
  }
  with_report(arguments.report, arguments.folder(), observer, [&](Observer& watched) {
    run_comparison(*config, arguments.folder(), watched, arguments.may_replace());
  });
  print_results(arguments.folder(), config->pretrain.grid());
}

}  // namespace

void add_compare_command(CLI::App& app) {
  const auto arguments = std::make_shared<CompareArguments>();
  CLI::App* command = app.add_subcommand(
      "compare",
      "Compare methods on encoders, downstream sets, label budgets and seeds ([evaluate]), after "
      "the stages that they need.");
  add_run_arguments(*command, *arguments);
  add_report_flag(*command, arguments->report);
  add_redo_flag(*command, *arguments);
  command->add_flag("--dry-run", arguments->dry_run,
                    "Only print which cells are left and how long they will take");
  command->footer(
      "Interrupt it at any time: the same command resumes with the cell that it was in.\n"
      "Tables are in RUN/evaluate/results.md and .tex, numbers in results.csv and .json, curves\n"
      "over the steps of pre-training in curves.csv.");
  command->callback([arguments] { execute(*arguments); });
}

}  // namespace mkdt::cli
