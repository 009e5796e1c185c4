#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/distill/distiller.h"
#include "mkdt/distill/meta_gradient.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/distill/representation_task.h"
#include "mkdt/distill/trajectory_task.h"
#include "mkdt/io/checksum.h"
#include "mkdt/run/report_files.h"
#include "mkdt/stages/learned_set.h"
#include "mkdt/stages/stages.h"
#include "mkdt/stages/subset.h"
#include "mkdt/stages/trial.h"

namespace mkdt {
namespace {

// Returns the distillation of such students, with these options for [distill].
Distillation distillation_of(const Run& run, const NetworkPtr& student,
                             const DistillOptions& options, DrawOuterTask tasks) {
  return {student, options, run.seed(), run.device(), /*checkpoint=*/{}, std::move(tasks)};
}

RegressionSet real_images(Run& run, const torch::Tensor& targets) {
  return regression_set(run.images(Part::kTrain), targets, run.device());
}

// Returns tasks to try the steps on. Those of representation matching are for students that have
// taken no free steps: these are steps of their own in the trial.
DrawOuterTask expected_tasks(Run& run, const Network& student, DistillOptions& options,
                             const StageNames& unfinished) {
  if (options.matches_trajectories()) return stand_in_tasks(run, student);
  options.max_free_steps = 0;
  return representation_tasks(student,
                              real_images(run, expected_targets(run, Part::kTrain, unfinished)),
                              options, run.observer());
}

StageStep outer_step_of(Run& run, const NetworkPtr& student, const StageNames& unfinished) {
  const DistillOptions& options = run.config().distill;
  StageStep step;
  step.name = "outer iteration";
  step.option = "distill.batch";
  step.batch = std::min(options.batch, set_size(run));
  step.count = static_cast<double>(options.iterations);
  step.run = [&run, student, unfinished](int64_t batch, int64_t steps) {
    DistillOptions tried = run.config().distill;
    tried.batch = batch;
    DrawOuterTask tasks = expected_tasks(run, *student, tried, unfinished);
    return seconds_of_iterations(run, distillation_of(run, student, tried, std::move(tasks)),
                                 student->output_dim(), steps);
  };
  return step;
}

// Tries a step before the differentiated steps of representation matching; on average there are
// half as many as there may be.
StageStep free_step_of(Run& run, const NetworkPtr& student) {
  const DistillOptions& options = run.config().distill;
  StageStep step;
  step.name = "step before the differentiated ones";
  step.option = "distill.batch";
  step.batch = std::min(options.batch, set_size(run));
  step.count = static_cast<double>(options.iterations * options.max_free_steps) / 2;
  step.run = [&run, student](int64_t batch, int64_t steps) {
    const DistillState set = stand_in_set(run, student->output_dim());
    const torch::Tensor rows = torch::arange(batch, torch::kLong);
    Student trained;
    trained.theta = initial_encoder(*student, /*seed=*/0, run.device());
    return seconds_of(steps, run.device(),
                      [&] { free_step(*student, trained, set, rows, run.config().distill); });
  };
  return step;
}

// Tries the loss on real images apart, although the outer iterations compute it already, as its
// memory depends on another option.
StageStep real_step_of(Run& run, const NetworkPtr& student, const StageNames& unfinished) {
  StageStep step;
  step.name = "loss on real images";
  step.option = "distill.real_batch";
  step.batch = std::min(run.config().distill.real_batch, run.images(Part::kTrain).size());
  step.run = [&run, student, unfinished](int64_t batch, int64_t steps) {
    DistillOptions tried = run.config().distill;
    tried.real_batch = batch;
    const DrawOuterTask tasks = expected_tasks(run, *student, tried, unfinished);
    at::Generator generator = make_generator(run.seed(), "plan");
    return seconds_of(steps, run.device(), [&] {
      const OuterTask task = tasks(stand_in_set(run, student->output_dim()), generator);
      task.objective(task.theta_start);
    });
  };
  return step;
}

}  // namespace

StageTrial distill_trial(Run& run, const StageNames& unfinished) {
  const DistillOptions& options = run.config().distill;
  const NetworkPtr student = expected_student(run, unfinished);
  StageTrial trial;
  trial.steps.push_back(outer_step_of(run, student, unfinished));
  if (!options.matches_trajectories()) {
    trial.steps.push_back(free_step_of(run, student));
    trial.steps.push_back(real_step_of(run, student, unfinished));
  }
  add_learned_set(run, student->output_dim(), options.iterations, trial);
  add_recipe_search(run, student, trial);
  return trial;
}

namespace {

// The recipe that the file carries comes from [pretrain]. Only those options of [distill] count
// that its objective reads.
Entries distill_options(const Config& config) {
  Entries entries = options_of(config, {"data", "distill", "pretrain"});
  entries.erase("distill.checkpoint_every");
  entries.erase("distill.start");  // the file's contents count, as an input
  if (config.distill.start.empty()) entries["subset.start"] = config.subset.start;
  entries["experts.width"] = std::to_string(config.experts.width);
  entries["experts.depth"] = std::to_string(config.experts.depth);
  if (config.distill.matches_trajectories()) {
    entries["experts.count"] = std::to_string(config.experts.count);
    entries.erase("distill.max_free_steps");
    entries.erase("distill.real_batch");
  } else {
    entries.merge(config.student());
    entries.erase("distill.expert_epochs");
    entries.erase("distill.max_start_epoch");
  }
  return entries;
}

Entries distill_sources(Run& run) {
  Entries entries = {{"data", run.source()}};
  const std::string& start = run.config().distill.start;
  if (start.empty()) return entries;
  if (!std::filesystem::is_regular_file(start)) {
    throw Error(fmt::format("distill.start: no such file: '{}'", start));
  }
  entries["distill.start"] = file_checksum(start);
  return entries;
}

SyntheticSet start_of(Run& run) {
  const DistillOptions& options = run.config().distill;
  SyntheticSet set = options.start.empty() ? starting_set(run, run.config().subset.start)
                                           : starting_set_from(run, options.start);
  if (set.syn_lr == 0) set.syn_lr = options.syn_lr;  // real images and KRR-ST's have none
  return set;
}

// Says how the two objectives differ: what an iteration asks of the set, and what J is called.
struct Objective {
  DrawOuterTask draw_task;
  std::string loss_name, title, axis;
};

Objective objective(Run& run, const Network& student, const TrajectoryStore& experts) {
  const DistillOptions& options = run.config().distill;
  if (options.matches_trajectories()) {
    return {trajectory_tasks(student, experts, options, run.device()), "matching_loss",
            "Trajectory matching", "matching loss J"};
  }
  return {representation_tasks(student, real_images(run, run.targets(Part::kTrain)), options,
                               run.observer()),
          "representation_loss", "Representation matching",
          "representation loss J on real training images"};
}

std::map<std::string, std::string> distill_provenance(const Config& config,
                                                      const std::vector<double>& losses) {
  std::map<std::string, std::string> entries = {
      {"objective", config.distill.objective},
      {"start", config.distill.start.empty() ? config.subset.start : config.distill.start},
      {"iterations", std::to_string(config.distill.iterations)},
      {"syn_momentum", fmt::format("{}", config.distill.syn_momentum)}};
  if (!losses.empty()) entries["last_outer_loss"] = fmt::format("{:.6g}", losses.back());
  return entries;
}

void distill_work(Run& run, const Manifest& manifest) {
  // 1. Optimise images, targets and learning rate. More iterations continue fewer.
  const DistillOptions& options = run.config().distill;
  const SyntheticSet start = start_of(run);
  write_start(run, kDistillStage, start);
  const NetworkPtr student = run.student();
  const TrajectoryStore experts(run.folder() / kExpertsStage, run.config().experts.count);
  const Objective chosen = objective(run, *student, experts);
  Distillation distillation = distillation_of(run, student, options, chosen.draw_task);
  distillation.checkpoint = run.checkpoint(
      kDistillStage, key_of_optimisation(manifest, "distill.iterations"), options.checkpoint_every);
  distillation.loss_name = chosen.loss_name;
  distillation.normalisation = start.normalisation;
  const LearnedSet learned = distill(distillation, start, run.observer());

  // 2. Find out how to train on them, and keep both, and pictures of them.
  write_learned_set(run, kDistilledSet, learned.set,
                    distill_provenance(run.config(), learned.losses));
  write_set_pictures(
      run.folder() / kDistillStage, start.images, learned.set,
      {"outer_loss.svg", chosen.title, "outer iteration", chosen.axis, learned.losses});
}

}  // namespace

Stage distill_stage(const Config& config) {
  Stage stage;
  stage.name = kDistillStage;
  stage.purpose =
      "Optimise the synthetic set: students trained on it go where the experts went, or represent "
      "as the teacher does.";
  stage.inputs = {kEmbedStage, kSubsetStage};
  if (config.distill.matches_trajectories())
    stage.inputs.insert(stage.inputs.begin() + 1, kExpertsStage);
  stage.reads = reads_subset(config.distill.start.empty() ? config.subset.start : "");
  stage.options = distill_options;
  stage.sources = distill_sources;
  stage.work = distill_work;
  stage.trial = distill_trial;
  stage.batch_option = "distill.batch";
  stage.resumes = true;
  stage.loses = loses_optimisation("distill.iterations");
  return stage;
}

}  // namespace mkdt
