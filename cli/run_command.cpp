#include <filesystem>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/embed_images.h"
#include "cli/plan.h"
#include "cli/results.h"
#include "cli/run_arguments.h"
#include "cli/terminal_observer.h"
#include "cli/threads.h"
#include "cli/verbosity.h"
#include "cli/with_report.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/stages/pipeline.h"
#include "mkdt/stages/stage.h"

namespace mkdt::cli {
namespace {

void execute(const RunArguments& arguments, const std::string& stage, bool report) {
  const auto config = arguments.config.load();
  set_up(config->runtime);
  TerminalObserver terminal;
  const std::filesystem::path folder = arguments.folder();
  with_report(report, folder, terminal, [&](Observer& observer) {
    run_pipeline(*config, folder, stage, observer, arguments.may_replace());
  });
  if (stage.empty() || stage == kEvaluateStage) {
    print_results(folder, config->pretrain.grid());
    if (!verbosity().quiet) {
      fmt::print("Images: {}\n", (folder / kDistillStage / kContactSheetFile).string());
    }
  }
}

void add_command(CLI::App& app, const std::string& name, const std::string& purpose,
                 const std::string& stage) {
  const auto arguments = std::make_shared<RunArguments>();
  const auto dry_run = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(name, purpose);
  add_run_arguments(*command, *arguments);
  const auto report = std::make_shared<bool>(false);
  add_report_flag(*command, *report);
  add_redo_flag(*command, *arguments);
  if (stage.empty()) {
    command->add_flag("--dry-run", *dry_run,
                      "Only print its time, memory and disk, like `mkdt plan`; nothing is written");
  }
  std::shared_ptr<EmbedImagesArguments> new_images;
  if (stage == kEmbedStage) new_images = add_embed_images(*command);
  command->callback([arguments, dry_run, report, stage, new_images] {
    if (new_images && new_images->given()) return embed_images(*new_images, *arguments);
    if (arguments->config.path.empty()) throw CLI::RequiredError("CONFIG");
    *dry_run ? print_plan(*arguments, /*as_json=*/false) : execute(*arguments, stage, *report);
  });
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
