#include <fmt/format.h>

#include "mkdt/core/version.h"
#include "mkdt/distill/distiller.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/eval/recipe_choice.h"
#include "mkdt/eval/regression_set.h"
#include "mkdt/pipeline/distill_pictures.h"
#include "mkdt/pipeline/stages.h"
#include "mkdt/pipeline/subset_files.h"

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

// What the optimisation depends on. More iterations go on from fewer; another recipe changes
// nothing.
std::string key_of_optimisation(Manifest manifest) {
  Entries kept;
  for (const auto& [key, value] : manifest.options) {
    if (key.rfind("pretrain.", 0) != 0 && key != "distill.iterations") kept[key] = value;
  }
  manifest.options = std::move(kept);
  return manifest.key();
}

struct Start {
  torch::Tensor images;   // real ones, [M,C,H,W] in normalised space
  torch::Tensor targets;  // their representations, [M,d]
};

Start start_of(Run& run) {
  const torch::Tensor rows = read_subset(run, run.config().subset.start);
  return {run.images(Part::kTrain).normalised(rows, run.device()),
          run.targets(Part::kTrain).index_select(0, rows.to(run.device()))};
}

Recipe recipe_for(Run& run, const SyntheticSet& set) {
  const RegressionSet training = regression_set(set.images, set.targets, run.device());
  const RegressionSet validation =
      regression_set(run.images(Part::kValidation), run.targets(Part::kValidation), run.device());
  return choose_recipe(*run.student(), training, validation, run.config().pretrain, set.syn_lr,
                       run.seed(), run.observer());
}

std::map<std::string, std::string> provenance(Run& run, const DistillState& state,
                                              const Recipe& recipe) {
  const DistillOptions& options = run.config().distill;
  const std::vector<double>& losses = state.matching_losses;
  std::map<std::string, std::string> entries = {
      {"mkdt_version", version()},
      {"config", run.config().table.to_toml()},
      {"seed", std::to_string(run.seed())},
      {"dataset", run.images(Part::kTrain).name},
      {"image_fingerprint", run.representations(Part::kTrain).image_fingerprint},
      {"teacher", run.representations(Part::kTrain).encoder},
      {"target_processing", run.representations(Part::kTrain).processing},
      {"start", run.config().subset.start},
      {"iterations", std::to_string(options.iterations)},
      {"recipe_lr", fmt::format("{}", recipe.lr)},
      {"recipe_steps", std::to_string(recipe.steps)},
      {"recipe_batch", std::to_string(run.config().pretrain.batch)},
      {"recipe_momentum", fmt::format("{}", run.config().pretrain.momentum)},
      {"recipe_weight_decay", fmt::format("{}", run.config().pretrain.weight_decay)}};
  if (!losses.empty()) entries["last_matching_loss"] = fmt::format("{:.6g}", losses.back());
  for (const auto& [key, value] : run.student()->describe()) entries["student_" + key] = value;
  return entries;
}

void work(Run& run, const Manifest& manifest) {
  // 1. Optimise images, targets and learning rate.
  const Start start = start_of(run);
  const TrajectoryStore experts(run.folder() / "experts", run.config().experts.count);
  const Distillation distillation = {run.student(),
                                     experts,
                                     run.config().distill,
                                     run.seed(),
                                     run.device(),
                                     run.path("distill", "checkpoint.safetensors"),
                                     key_of_optimisation(manifest)};
  const DistillState state = distill(distillation, start.images, start.targets, run.observer());

  // 2. Find out how to train on them.
  SyntheticSet set = {
      state.images, state.targets, state.syn_lr, run.images(Part::kTrain).normalisation, {}};
  const Recipe recipe = recipe_for(run, set);
  run.observer().info(fmt::format("distill: pre-train on the set with {}", recipe.text()));

  // 3. Keep both, and pictures of them.
  set.provenance = provenance(run, state, recipe);
  write_synthetic_set(run.path("distill", "distilled.safetensors"), set);
  write_distill_pictures(run.folder() / "distill", start.images, set, state.matching_losses);
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
  stage.resumes = true;
  return stage;
}

}  // namespace mkdt
