#include <charconv>
#include <cmath>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/parse_integer.h"
#include "mkdt/core/stopped.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/eval/pretrain.h"
#include "mkdt/eval/regression_set.h"
#include "mkdt/nn/encoder.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/stages.h"

namespace mkdt {
namespace {

Entries options(const Config& config) {
  Entries entries = options_of(config, {"data", "pretrain"});
  entries.merge(config.student());
  return entries;
}

const std::string& entry(const SyntheticSet& set, const std::string& key,
                         const std::filesystem::path& path) {
  const auto found = set.provenance.find(key);
  if (found != set.provenance.end()) return found->second;
  throw Error(fmt::format("{}: it has no metadata entry '{}'", path.string(), key));
}

Recipe carried_recipe(const SyntheticSet& set, const std::filesystem::path& path) {
  const std::string& lr = entry(set, "recipe_lr", path);
  const std::string& steps = entry(set, "recipe_steps", path);
  Recipe recipe;
  const auto [end, code] = std::from_chars(lr.data(), lr.data() + lr.size(), recipe.lr);
  recipe.steps = parse_integer(steps).value_or(0);
  if (code != std::errc() || end != lr.data() + lr.size() || !std::isfinite(recipe.lr) ||
      recipe.lr <= 0 || recipe.steps < 1) {
    throw Error(fmt::format("{}: its recipe is lr '{}', '{}' steps: expected positive numbers",
                            path.string(), lr, steps));
  }
  return recipe;
}

void work(Run& run, const Manifest& /*manifest*/) {
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
  encoder.provenance = {{"recipe", recipe.text()},
                        {"synthetic_set", entry(set, "dataset", path)},
                        {"mkdt_version", entry(set, "mkdt_version", path)}};
  write_encoder(run.path("pretrain", "encoder.safetensors"), encoder);
}

}  // namespace

Stage pretrain_stage() {
  Stage stage;
  stage.name = "pretrain";
  stage.purpose = "Pre-train an encoder on the synthetic set, by the recipe that it carries.";
  stage.inputs = {"embed", "distill"};
  stage.options = options;
  stage.sources = [](Run& run) { return Entries{{"data", run.source()}}; };
  stage.work = work;
  stage.trial = pretrain_trial;
  return stage;
}

}  // namespace mkdt
