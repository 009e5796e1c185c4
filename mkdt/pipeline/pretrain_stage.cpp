#include <filesystem>

#include <fmt/format.h>

#include "mkdt/core/stopped.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/eval/pretrain.h"
#include "mkdt/eval/regression_set.h"
#include "mkdt/nn/encoder.h"
#include "mkdt/pipeline/carried_recipe.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/stages.h"

namespace mkdt {
namespace {

Entries pretrain_options(const Config& config) {
  Entries entries = options_of(config, {"data", "pretrain"});
  entries.merge(config.student());
  return entries;
}

void pretrain_work(Run& run, const Manifest& /*manifest*/) {
  const std::filesystem::path path = run.path("distill", "distilled.safetensors");
  const SyntheticSet set = read_synthetic_set(path);
  const Recipe recipe = carried_recipe(set, path);
  const NetworkPtr network = run.student();
  run.observer().begin("pretrain", recipe.steps, "steps");
  Encoder encoder;
  encoder.network = network;
  encoder.theta = pretrain(*network, regression_set(set.images, set.targets, run.device()),
                           recipe.steps, run.config().pretrain.training(recipe), run.seed(),
                           [&](int64_t step, const torch::Tensor& /*theta*/) {
                             run.observer().advance(step, "");
                             throw_if_stopped(run.observer());
                           });
  run.observer().end();
  encoder.mean = set.normalisation.mean;
  encoder.std = set.normalisation.std;
  encoder.provenance = {{"recipe", recipe.text()},
                        {"synthetic_set", provenance_entry(set, "dataset", path)},
                        {"mkdt_version", provenance_entry(set, "mkdt_version", path)}};
  write_encoder(run.path("pretrain", "encoder.safetensors"), encoder);
}

}  // namespace

Stage pretrain_stage() {
  Stage stage;
  stage.name = "pretrain";
  stage.purpose = "Pre-train an encoder on the synthetic set, by the recipe that it carries.";
  stage.inputs = {"embed", "distill"};
  stage.options = pretrain_options;
  stage.sources = [](Run& run) { return Entries{{"data", run.source()}}; };
  stage.work = pretrain_work;
  stage.trial = pretrain_trial;
  stage.batch_option = "pretrain.batch";
  return stage;
}

}  // namespace mkdt
