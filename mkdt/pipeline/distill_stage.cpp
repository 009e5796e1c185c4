#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mkdt/core/checksum.h"
#include "mkdt/core/error.h"
#include "mkdt/distill/distiller.h"
#include "mkdt/distill/representation_task.h"
#include "mkdt/distill/trajectory_task.h"
#include "mkdt/eval/regression_set.h"
#include "mkdt/pipeline/learned_set.h"
#include "mkdt/pipeline/report_files.h"
#include "mkdt/pipeline/set_pictures.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/stages.h"
#include "mkdt/pipeline/subset_files.h"

namespace mkdt {
namespace {

// The recipe that the file carries comes from [pretrain]. Of [distill], only what its objective
// reads counts.
Entries distill_options(const Config& config) {
  Entries entries = options_of(config, {"data", "distill", "pretrain"});
  entries.erase("distill.checkpoint_every");
  entries.erase("distill.start");  // what the file holds counts, as an input
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

// How the two objectives differ: what an iteration asks of the set, and what J is called.
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
  RegressionSet real =
      regression_set(run.images(Part::kTrain), run.targets(Part::kTrain), run.device());
  return {representation_tasks(student, std::move(real), options, run.observer()),
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
  // 1. Optimise images, targets and learning rate. More iterations go on from fewer.
  const DistillOptions& options = run.config().distill;
  const SyntheticSet start = start_of(run);
  write_start(run, "distill", start);
  const NetworkPtr student = run.student();
  const TrajectoryStore experts(run.folder() / "experts", run.config().experts.count);
  const Objective chosen = objective(run, *student, experts);
  const CheckpointPlan checkpoint = run.checkpoint(
      "distill", key_of_optimisation(manifest, "distill.iterations"), options.checkpoint_every);
  Distillation distillation = {student,      options,    run.seed(),
                               run.device(), checkpoint, chosen.draw_task};
  distillation.loss_name = chosen.loss_name;
  distillation.normalisation = start.normalisation;
  const DistillState state = distill(distillation, start, run.observer());
  const SyntheticSet set = {
      state.images, state.targets, state.syn_lr, run.images(Part::kTrain).normalisation, {}};

  // 2. Find out how to train on them, and keep both, and pictures of them.
  write_learned_set(run, "distill", "distilled.safetensors", set,
                    distill_provenance(run.config(), state.outer_losses));
  write_set_pictures(
      run.folder() / "distill", start.images, set,
      {"outer_loss.svg", chosen.title, "outer iteration", chosen.axis, state.outer_losses});
}

}  // namespace

Stage distill_stage(const Config& config) {
  Stage stage;
  stage.name = "distill";
  stage.purpose =
      "Optimise the synthetic set: students trained on it go where the experts went, or represent "
      "as the teacher does.";
  stage.inputs = {"embed", "subset"};
  if (config.distill.matches_trajectories())
    stage.inputs.insert(stage.inputs.begin() + 1, "experts");
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
