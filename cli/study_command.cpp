// mkdt study: why the method works, what decides how well, and what it costs.
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/print_table.h"
#include "cli/run_arguments.h"
#include "cli/terminal_observer.h"
#include "cli/threads.h"
#include "cli/verbosity.h"
#include "mkdt/study/cost_study.h"
#include "mkdt/study/study_files.h"
#include "mkdt/study/sweep.h"
#include "mkdt/study/variance_study.h"

namespace mkdt::cli {
namespace {

template <typename Options>
struct StudyArguments : RunArguments {
  Options options;
};

void print(const std::vector<Table>& tables, const RunArguments& arguments, const char* study) {
  if (verbosity().quiet) return;
  for (const Table& table : tables) print_table(table);
  fmt::print("\nFiles: {}\n", study_folder(arguments.folder(), study).string());
}

ConfigArguments with(ConfigArguments arguments, const std::vector<std::string>& further) {
  arguments.assignments.insert(arguments.assignments.end(), further.begin(), further.end());
  return arguments;
}

// Adds a study that looks into one run.
template <typename Options, typename Study>
void look(const StudyArguments<Options>& arguments, const char* name, const Study& study,
          const std::vector<std::string>& further = {}) {
  const auto config = with(arguments.config, further).load();
  set_up(config->runtime);
  TerminalObserver observer;
  print(study(*config, arguments, observer), arguments, name);
}

// Adds a study of several runs that differ in one thing.
template <typename Values, typename Study>
void vary(const StudyArguments<Values>& arguments, const char* name, const Study& study) {
  set_up(arguments.config.load()->runtime);
  TerminalObserver observer;
  const LoadConfig load = [&](const std::vector<std::string>& further) {
    return with(arguments.config, further).load();
  };
  print(study(load, arguments.options, arguments.folder(), observer, arguments.may_replace()),
        arguments, name);
}

CLI::Option* add_count(CLI::App& command, const char* flag, int64_t& value, int64_t least,
                       const char* help) {
  return command.add_option(flag, value, help)
      ->check(CLI::Range(least, int64_t{1'000'000}))
      ->capture_default_str();
}

void add_variance_study(CLI::App& studies) {
  const auto arguments = std::make_shared<StudyArguments<VarianceOptions>>();
  CLI::App* command = studies.add_subcommand(
      "variance",
      "How noisy a student's gradient is under knowledge distillation and under Barlow Twins, at "
      "several points of training and for several batch sizes, and how far an epoch gets.");
  add_run_arguments(*command, *arguments);
  add_redo_flag(*command, *arguments);
  VarianceOptions& options = arguments->options;
  command->add_option("--batches", options.batches, "Batch sizes")
      ->delimiter(',')
      ->check(CLI::Range(int64_t{2}, int64_t{1'000'000}))
      ->capture_default_str();
  add_count(*command, "--epochs", options.epochs, 0, "Epochs of training to follow");
  add_count(*command, "--samples", options.samples, 2, "Gradients at each point and batch size");
  add_count(*command, "--seeds", options.seeds, 1, "Students under each loss");
  command->callback([arguments] {
    look(*arguments, "variance",
         [](const Config& config, const StudyArguments<VarianceOptions>& all, Observer& observer) {
           return variance_study(config, all.folder(), all.options, observer, all.may_replace());
         });
  });
}

void add_cost_study(CLI::App& studies) {
  const auto arguments = std::make_shared<StudyArguments<CostOptions>>();
  CLI::App* command = studies.add_subcommand(
      "cost",
      "Operations and time of distillation, teacher included, against plain self-supervision, and "
      "the number of encoders from which on it has paid.");
  add_run_arguments(*command, *arguments);
  add_count(*command, "--ssl-epochs", arguments->options.ssl_epochs, 0,
            "Epochs of plain self-supervision; 0: as many as the teacher's");
  command->callback([arguments] {
    look(*arguments, "cost",
         [](const Config& config, const StudyArguments<CostOptions>& all, Observer& observer) {
           return cost_tables(cost_study(config, all.folder(), all.options, observer));
         },
         {"evaluate.methods=distilled"});  // the time of other methods is not the set's cost
  });
}

void add_size_study(CLI::App& studies) {
  const auto arguments = std::make_shared<StudyArguments<std::vector<int64_t>>>();
  CLI::App* command = studies.add_subcommand(
      "size", "The comparison ([evaluate]) for several numbers of synthetic images.");
  add_run_arguments(*command, *arguments);
  add_redo_flag(*command, *arguments);
  command->add_option("--sizes", arguments->options, "Numbers of synthetic images, e.g. 50,100,200")
      ->delimiter(',')
      ->required()
      ->check(CLI::Range(int64_t{1}, int64_t{10'000'000}));
  command->callback([arguments] { vary(*arguments, "size", size_study); });
}

template <typename Study>
void add_settings_study(CLI::App& studies, const char* name, const char* purpose, const char* flag,
                        const char* help, Study study) {
  const auto arguments = std::make_shared<StudyArguments<std::vector<std::string>>>();
  CLI::App* command = studies.add_subcommand(name, purpose);
  add_run_arguments(*command, *arguments);
  add_redo_flag(*command, *arguments);
  command->add_option(flag, arguments->options, help)->allow_extra_args(false)->required();
  command->callback([arguments, name, study] { vary(*arguments, name, study); });
}

}  // namespace

void add_study_command(CLI::App& app) {
  CLI::App* studies = app.add_subcommand(
      "study", "Why the method works, what decides how well, and what it costs.");
  studies->require_subcommand(1);
  add_variance_study(*studies);
  add_size_study(*studies);
  add_settings_study(
      *studies, "teacher",
      "The comparison ([evaluate]) for several teachers: widths, algorithms, epochs.", "--teacher",
      "Options of [teacher], e.g. \"width=32 algorithm=simclr\"; once for each teacher",
      teacher_study);
  add_settings_study(
      *studies, "options", "The comparison ([evaluate]) for several settings of any options.",
      "--variant",
      "Options, e.g. \"distill.objective=representation distill.iterations=300\"; once for each "
      "setting",
      options_study);
  add_cost_study(*studies);
}

}  // namespace mkdt::cli
