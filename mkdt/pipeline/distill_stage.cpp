#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "mkdt/distill/distiller.h"
#include "mkdt/pipeline/learned_set.h"
#include "mkdt/pipeline/set_pictures.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/stages.h"

namespace mkdt {
namespace {

// The recipe that the file carries comes from [pretrain].
Entries options(const Config& config) {
  Entries entries = options_of(config, {"data", "distill", "pretrain"});
  entries.erase("distill.checkpoint_every");
  entries["subset.start"] = config.subset.start;
  entries["experts.width"] = std::to_string(config.experts.width);
  entries["experts.depth"] = std::to_string(config.experts.depth);
  entries["experts.count"] = std::to_string(config.experts.count);
  return entries;
}

std::map<std::string, std::string> provenance(const Config& config,
                                              const std::vector<double>& losses) {
  std::map<std::string, std::string> entries = {
      {"start", config.subset.start}, {"iterations", std::to_string(config.distill.iterations)}};
  if (!losses.empty()) entries["last_matching_loss"] = fmt::format("{:.6g}", losses.back());
  return entries;
}

void work(Run& run, const Manifest& manifest) {
  // 1. Optimise images, targets and learning rate. More iterations go on from fewer.
  const StartingSet start = starting_set(run, run.config().subset.start);
  const TrajectoryStore experts(run.folder() / "experts", run.config().experts.count);
  const CheckpointPlan checkpoint =
      run.checkpoint("distill", key_of_optimisation(manifest, "distill.iterations"),
                     run.config().distill.checkpoint_every);
  const Distillation distillation = {run.student(), experts,      run.config().distill,
                                     run.seed(),    run.device(), checkpoint};
  const DistillState state = distill(distillation, start.images, start.targets, run.observer());
  const SyntheticSet set = {
      state.images, state.targets, state.syn_lr, run.images(Part::kTrain).normalisation, {}};

  // 2. Find out how to train on them, and keep both, and pictures of them.
  write_learned_set(run, "distill", "distilled.safetensors", set,
                    provenance(run.config(), state.matching_losses));
  write_set_pictures(run.folder() / "distill", start.images, set,
                     {"matching_loss.svg", "Trajectory matching", "outer iteration",
                      "matching loss J", state.matching_losses});
}

}  // namespace

Stage distill_stage() {
  Stage stage;
  stage.name = "distill";
  stage.purpose = "Optimise the synthetic set by matching the experts' trajectories.";
  stage.inputs = {"embed", "experts", "subset"};
  stage.options = options;
  stage.sources = [](Run& run) { return Entries{{"data", run.source()}}; };
  stage.work = work;
  stage.trial = distill_trial;
  stage.resumes = true;
  return stage;
}

}  // namespace mkdt
