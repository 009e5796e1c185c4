#include <filesystem>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/among_images.h"
#include "cli/commands.h"
#include "cli/config_arguments.h"
#include "cli/terminal_observer.h"
#include "cli/threads.h"
#include "cli/verbosity.h"
#include "mkdt/base/random.h"
#include "mkdt/data/png.h"
#include "mkdt/publish/contact_sheet.h"
#include "mkdt/run/run.h"
#include "mkdt/stages/pipeline.h"

namespace mkdt::cli {
namespace {

namespace fs = std::filesystem;

struct SheetArguments {
  ConfigArguments config;
  std::string out;
  int64_t images = 8;
  int64_t pairs = 4;
};

void execute(const SheetArguments& arguments) {
  const auto config = arguments.config.load();
  set_up(config->runtime);
  TerminalObserver observer;
  const fs::path folder = default_run_folder(arguments.config.place());
  Run run(*config, folder, observer);
  const ImageSet& images = run.images(Part::kTrain);
  const TeacherTrainingOptions& teacher = config->teacher.training;
  const ViewPair views =
      teacher.augmentation.views(teacher.objective.algorithm, images.image_size());
  at::Generator generator = make_generator(run.seed(), "report/view_sheet");
  const fs::path out = arguments.out.empty() ? folder / "views.png" : fs::path(arguments.out);
  say_if_among_images(out);
  write_marked_png(out, view_sheet(images, views, arguments.images, arguments.pairs, generator));
  if (!verbosity().quiet) fmt::print("{}\n", out.string());
}

}  // namespace

void add_augment_sheet_command(CLI::App& app) {
  const auto arguments = std::make_shared<SheetArguments>();
  CLI::App* command = app.add_subcommand(
      "augment-sheet",
      "Draw training images beside the random views that a teacher is trained on.");
  add_config_arguments(*command, arguments->config);
  command->add_option("--out", arguments->out, "Picture instead of runs/<config name>/views.png")
      ->type_name("FILE.png");
  command->add_option("--images", arguments->images, "Rows: images, evenly spaced in the set")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--pairs", arguments->pairs, "Pairs of views of each image")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->callback([arguments] { execute(*arguments); });
}

}  // namespace mkdt::cli
