#include <algorithm>
#include <set>

#include "mkdt/core/safetensors.h"
#include "mkdt/distill/kmeans.h"
#include "mkdt/distill/subset.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/stages.h"
#include "mkdt/pipeline/subset_files.h"

namespace mkdt {
namespace {

// Subsets are made whichever one distillation starts from: they are methods to compare with. That
// of the highest losses takes experts, so only where something else needs them as well.
Entries subset_options(const Config& config) {
  Entries entries = options_of(config, {"data", "subset"});
  entries.erase("subset.start");
  if (config.uses_experts()) entries["experts.count"] = std::to_string(config.experts.count);
  return entries;
}

bool is_of_experts(const std::string& key) { return key.rfind("experts", 0) == 0; }

// The subset of the highest losses takes one look at the images.
bool loses_rows(const Run& /*run*/, const Manifest& then, const Manifest& now) {
  const std::vector<Change> found = changes(then, now);
  return !std::all_of(found.begin(), found.end(),
                      [](const Change& change) { return is_of_experts(change.key); });
}

bool remakes_rows(const std::string& file, const std::set<std::string>& changed) {
  return std::any_of(changed.begin(), changed.end(), [&](const std::string& key) {
    if (file == "subset/random.safetensors")
      return key.rfind("embed/", 0) != 0 && !is_of_experts(key);
    return file != "subset/k-means.safetensors" || !is_of_experts(key);
  });
}

void write_high_loss_subset(Run& run, int64_t count) {
  const TrajectoryStore experts(run.folder() / "experts", run.config().experts.count);
  const torch::Tensor losses = expert_losses(run.images(Part::kTrain), run.targets(Part::kTrain),
                                             experts, *run.student(), run.observer());
  write_subset(run, "high-loss", high_loss_subset(losses, count));
  TensorFile file;
  file.tensors["losses"] = losses;
  file.metadata["kind"] = "mkdt expert losses, one a training image";
  write_safetensors(run.path("subset", "losses.safetensors"), file);
}

void subset_work(Run& run, const Manifest& /*manifest*/) {
  const ImageSet& images = run.images(Part::kTrain);
  const int64_t count = run.config().subset.count(images.size());
  write_subset(run, "random", random_subset(images.size(), count, run.seed()));
  write_subset(run, "k-means",
               kmeans_subset(run.targets(Part::kTrain), count, run.seed(), run.observer()));
  if (run.config().uses_experts()) write_high_loss_subset(run, count);
}

}  // namespace

Stage subset_stage(const Config& config) {
  Stage stage;
  stage.name = "subset";
  stage.purpose = "Choose the real images to start from and to compare with.";
  stage.inputs = {"embed"};
  if (config.uses_experts()) stage.inputs.emplace_back("experts");
  stage.options = subset_options;
  stage.sources = [](Run& run) { return Entries{{"data", run.source()}}; };
  stage.work = subset_work;
  stage.trial = subset_trial;
  stage.batch_option = "experts.width";
  stage.loses = loses_rows;
  stage.remakes = remakes_rows;
  return stage;
}

}  // namespace mkdt
