#include "mkdt/stages/pipeline.h"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <set>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/version.h"
#include "mkdt/compare/methods.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/nn/native/forward.h"
#include "mkdt/nn/native/isa.h"
#include "mkdt/run/run.h"
#include "mkdt/run/run_lock.h"
#include "mkdt/run/run_log.h"
#include "mkdt/run/source_fingerprint.h"
#include "mkdt/stages/comparison_data.h"
#include "mkdt/stages/comparison_files.h"
#include "mkdt/stages/evaluate.h"
#include "mkdt/stages/learned_set.h"
#include "mkdt/stages/quality.h"
#include "mkdt/stages/stage.h"
#include "mkdt/stages/trial.h"

namespace mkdt {
namespace {

bool any_of(const StageNames& left, std::initializer_list<const char*> stages) {
  return std::any_of(stages.begin(), stages.end(),
                     [&](const char* stage) { return left.count(stage) != 0; });
}

// Throws Error if the files that the user gives do not fit the images or each other.
void check_outside_representations(Run& run) {
  const OutsideOptions& outside = run.config().teacher.outside;
  const int64_t dim = read_representations(outside.representations, run.data().source_rows).dim();
  if (outside.test_representations.empty()) return;
  check_same_dimensions(
      outside, dim,
      read_representations(outside.test_representations, run.data().source_test_rows).dim());
}

// Returns the dimensions of the representations that students will regress.
int64_t checked_dim(Run& run, const StageNames& left) {
  if (!any_of(left, {kTeacherStage, kEmbedStage}))
    return run.representations_header(Part::kTrain).dim;
  const TeacherOptions& teacher = run.config().teacher;
  if (!teacher.outside.representations.empty()) check_outside_representations(run);
  const int64_t dim = teacher_dim(run);
  teacher.processing.check(dim);
  return teacher.processing.pca > 0 ? teacher.processing.pca : dim;
}

// Warns where a set has fewer labels than are asked for.
void warn_of_labels(Run& run) {
  for (const DownstreamSet& set : downstream_sets(run)) {
    const torch::Tensor counts = set.train.labels.bincount();
    const torch::Tensor sizes = counts.masked_select(counts > 0);
    for (const int64_t asked : run.config().evaluate.label_counts) {
      const auto fewer = (sizes < asked).sum().item<int64_t>();
      if (fewer == 0) continue;
      const bool all = sizes.max().item<int64_t>() <= asked;
      run.observer().warn(fmt::format(
          "evaluate.label_counts: {} labels a class are asked for, but {} of the {} "
          "classes of '{}' have fewer: all of theirs are used{}",
          asked, fewer, sizes.numel(), set.name, all ? ", and the column is headed by 100 %" : ""));
    }
  }
}

void check_engine(Run& run, const Network& student) {
  const DistillOptions& distill = run.config().distill;
  if (distill.engine != "native") return;
  const NetworkPtr network = student.with_operators(distill.operators());
  const auto theta_type = torch::TensorOptions(torch::kFloat32).device(run.device());
  if (native::native_convnet(*network, torch::empty({0}, theta_type)) != nullptr) return;
  throw Error(fmt::format(
      "distill.engine is native, which is for a convnet of instance norm, ReLU and average pooling "
      "on a CPU, up to a width of {}; set it to auto",
      native::kMostWidth));
}

// Finds mistakes in [distill] that otherwise only distillation itself would find.
void check_distillation(Run& run, const Network& student) {
  const DistillOptions& distill = run.config().distill;
  check_engine(run, student);
  if (!distill.start.empty()) check_starting_set(run, distill.start, student.output_dim());
}

// Throws Error if subset.size is more than there are images, or too small for a method whose set is
// made.
void check_set_size(Run& run, const StageNames& left) {
  if (set_size(run) >= 2) return;
  for (const MethodEntry& entry : method_table()) {
    if (entry.kind != MethodKind::kSelfSupervised) continue;
    if (left.count(std::string(entry.set.stage)) == 0) continue;
    throw Error(fmt::format(
        "subset.size is 1, but {0} compares two views of several images; set it to at least 2, "
        "or leave {0} out of evaluate.methods",
        entry.name));
  }
}

}  // namespace

void check_run(Run& run, const StageNames& left) {
  if (any_of(left, {kEvaluateStage, kProbeStage})) {
    check_comparison(run);
    warn_of_labels(run);
  }
  const std::set<std::string> sets = stages_of_sets();
  const bool makes_sets = std::any_of(
      sets.begin(), sets.end(), [&](const std::string& stage) { return left.count(stage) != 0; });
  if (makes_sets) check_set_size(run, left);
  const bool with_students = makes_sets || any_of(left, {kExpertsStage, kPretrainStage});
  if (!with_students && !any_of(left, {kTeacherStage, kEmbedStage})) return;
  const int64_t dim = checked_dim(run, left);
  if (!with_students) return;
  native::chosen_isa();  // throws Error if MKDT_ISA is wrong
  const ImageSet& images = run.images(Part::kTrain);
  const NetworkPtr student =
      run.config().experts.student(images.channels(), images.image_size(), dim);
  if (any_of(left, {kDistillStage})) check_distillation(run, *student);
}

namespace fs = std::filesystem;

fs::path default_run_folder(const fs::path& config_path) {
  return fs::path("runs") / config_path.stem();
}

namespace {

// Throws Error for what is wrong with the configuration, before anything is written.
void check(const Config& config, const Observer& observer) {
  source_fingerprint(config.data, observer);
  config.runtime.torch_device();
}

// Reports a run's folder among its images, where it is passed over; refuses the folder of the
// images itself.
void check_place(const Config& config, const fs::path& folder, Observer& observer) {
  if (config.data.format == "shapes") return;
  const std::string root = fs::weakly_canonical(config.data.root).lexically_normal().string() + "/";
  const std::string run = fs::weakly_canonical(folder).lexically_normal().string() + "/";
  if (run == root) {
    throw Error(fmt::format(
        "{}: the run's folder is data.root, the folder of the images; name another one with --out",
        folder.string()));
  }
  if (run.compare(0, root.size(), root) == 0) {
    observer.info(
        fmt::format("{}: this run's folder lies within data.root; nothing in it is read as data",
                    folder.string()));
  }
}

// Does the stages' work, with a line in the journal for how it begins and ends. A line on a failure
// that cannot be written does not hide that failure.
void run_with_journal(Run& run, RunLog& log, const std::vector<Stage>& stages,
                      const std::vector<std::string>& left, const StageNames& lost) {
  const auto try_to_log = [&](const char* event, const std::string& message) {
    try {
      log.event(event, message);
    } catch (const Error&) {
    }
  };
  log.event(kRunBegins, fmt::format("mkdt {} begins: {}", version(), fmt::join(left, ", ")));
  try {
    run_stages(run, stages, lost);
  } catch (const Stopped&) {
    try_to_log(kRunStopped, "stopped; what is done is kept");
    throw;
  } catch (const std::exception& error) {
    try_to_log(kRunFailed, error.what());
    throw;
  }
  log.event(kRunFinished, fmt::format("finished: {}", fmt::join(left, ", ")));
}

// Does the chosen stages that are not done; nothing is written where all are.
void run_in_folder(const Config& config, const fs::path& folder, Observer& observer,
                   const MayReplace& may_replace,
                   const std::function<std::vector<Stage>(Run&)>& choose) {
  check(config, observer);
  check_place(config, folder, observer);
  const RunLock lock(folder, observer);
  remove_temporaries(folder, /*and_below=*/false);
  for (const Stage& stage : stages_of(config)) {
    remove_temporaries(folder / stage.name, /*and_below=*/true);
  }
  RunLog log(folder, observer);
  Run run(config, folder, log);
  const std::vector<Stage> stages = choose(run);
  const std::vector<std::string> left = unfinished(run, stages);
  const auto is_left = [&](const std::string& stage) {
    return std::find(left.begin(), left.end(), stage) != left.end();
  };
  std::vector<std::string> done;
  std::vector<Stage> to_do;
  for (const Stage& stage : stages) {
    is_left(stage.name) ? to_do.push_back(stage) : done.push_back(stage.name);
  }
  if (!done.empty()) observer.info(fmt::format("{}: already done", fmt::join(done, ", ")));
  if (left.empty()) return;
  check_run(run, {left.begin(), left.end()});  // before hours of work
  const StageNames lost = ask_for_work_to_lose(run, stages, may_replace);
  write_text_atomically(folder / kConfigFile, config.table.to_toml());
  run_with_journal(run, log, to_do, left, lost);
}

}  // namespace

void run_pipeline(const Config& config, const fs::path& folder, const std::string& only_stage,
                  Observer& observer, const MayReplace& may_replace) {
  run_in_folder(config, folder, observer, may_replace, [&](Run& run) {
    return only_stage.empty() ? stages_for(config, {kProbeStage, kEvaluateStage})
                              : std::vector<Stage>{ready_stage(run, only_stage)};
  });
}

void make_stages(const Config& config, const fs::path& folder,
                 const std::vector<std::string>& names, Observer& observer,
                 const MayReplace& may_replace) {
  run_in_folder(config, folder, observer, may_replace,
                [&](Run& /*run*/) { return stages_for(config, names); });
}

void run_comparison(const Config& config, const fs::path& folder, Observer& observer,
                    const MayReplace& may_replace) {
  make_stages(config, folder, {kEvaluateStage}, observer, may_replace);
}

ComparisonOutlook comparison_outlook(const Config& config, const fs::path& folder,
                                     Observer& observer) {
  check(config, observer);
  Run run(config, folder, observer);
  check_comparison(run);
  ComparisonOutlook outlook;
  outlook.stages = unfinished(run, stages_for(config, {kEvaluateStage}));
  check_run(run, {outlook.stages.begin(), outlook.stages.end()});
  if (!outlook.stages.empty()) outlook.stages.pop_back();
  const ComparisonInputs inputs = rehearsal(run, {outlook.stages.begin(), outlook.stages.end()});
  const ComparisonFiles files(results_folder(folder), observer);
  ComparisonCost cost(inputs, config.evaluate, config.pretrain);
  outlook.work = planned_work(plan_comparison(inputs, config.evaluate, config.pretrain, run.seed()),
                              inputs, files, cost);
  return outlook;
}

fs::path results_folder(const fs::path& run_folder) { return run_folder / kEvaluateStage; }

}  // namespace mkdt
