#include "mkdt/distill/pretrain.h"

#include <algorithm>
#include <filesystem>
#include <string>

#include <fmt/format.h>

#include "mkdt/base/observer.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/nn/encoder.h"
#include "mkdt/stages/learned_set.h"
#include "mkdt/stages/stages.h"
#include "mkdt/stages/trial.h"

namespace mkdt {
namespace {

// Returns the steps of the set's recipe; while there is none, the most that it may have.
int64_t steps_of(Run& run, const StageNames& unfinished, StageTrial& trial) {
  const PretrainOptions& pretrain = run.config().pretrain;
  if (unfinished.count(kDistillStage) == 0) {
    const std::filesystem::path path = run.path(kDistilledSet);
    return carried_recipe(read_synthetic_set(path), path).steps;
  }
  if (!pretrain.searches()) return pretrain.fixed(set_size(run), 0).steps;
  trial.at_most = true;
  trial.notes.push_back(fmt::format(
      "The recipe's steps are not known yet: {} of them (pretrain.max_steps) are counted.",
      pretrain.max_steps));
  return pretrain.max_steps;
}

}  // namespace

StageTrial pretrain_trial(Run& run, const StageNames& unfinished) {
  const NetworkPtr student = expected_student(run, unfinished);
  StageTrial trial;
  const int64_t steps = steps_of(run, unfinished, trial);
  trial.steps.push_back(set_step(run, student, static_cast<double>(steps)));
  trial.disk = 2 * student->layout().size() * static_cast<int64_t>(sizeof(float));
  return trial;
}

namespace {

Entries pretrain_options(const Config& config) {
  Entries entries = options_of(config, {"data", "pretrain"});
  entries.merge(config.student());
  return entries;
}

void pretrain_work(Run& run, const Manifest& /*manifest*/) {
  const std::filesystem::path path = run.path(kDistilledSet);
  const SyntheticSet set = read_synthetic_set(path);
  const SetRecipe& recipe = carried_recipe(set, path);
  const NetworkPtr network = run.student();
  run.observer().begin("pretrain", recipe.steps, "steps");
  Encoder encoder;
  encoder.network = network;
  encoder.theta =
      pretrain(*network, regression_set(set.images, set.targets, run.device()), recipe.steps,
               recipe.training, run.seed(), [&](int64_t step, const torch::Tensor& /*theta*/) {
                 run.observer().advance(step, "");
                 throw_if_stopped(run.observer());
               });
  run.observer().end();
  encoder.mean = set.normalisation.mean;
  encoder.std = set.normalisation.std;
  encoder.provenance = {{"recipe", recipe_text(recipe.training.sgd.lr, recipe.steps)},
                        {"synthetic_set", provenance_entry(set, "dataset", path)},
                        {"mkdt_version", provenance_entry(set, "mkdt_version", path)}};
  write_encoder(run.path(kEncoderFile), encoder);
}

}  // namespace

Stage pretrain_stage() {
  Stage stage;
  stage.name = kPretrainStage;
  stage.purpose = "Pre-train an encoder on the synthetic set, by the recipe that it carries.";
  stage.inputs = {kEmbedStage, kDistillStage};
  stage.options = pretrain_options;
  stage.sources = [](Run& run) { return Entries{{"data", run.source()}}; };
  stage.work = pretrain_work;
  stage.trial = pretrain_trial;
  stage.batch_option = "pretrain.batch";
  return stage;
}

}  // namespace mkdt
