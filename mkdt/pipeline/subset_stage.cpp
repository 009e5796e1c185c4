#include "mkdt/core/safetensors.h"
#include "mkdt/distill/kmeans.h"
#include "mkdt/distill/subset.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/stages.h"
#include "mkdt/pipeline/subset_files.h"

namespace mkdt {
namespace {

// All subsets are made whichever one distillation starts from: they are methods to compare with.
Entries options(const Config& config) {
  Entries entries = options_of(config, {"data", "subset"});
  entries.erase("subset.start");
  entries["experts.count"] = std::to_string(config.experts.count);
  return entries;
}

void work(Run& run, const Manifest& /*manifest*/) {
  const ImageSet& images = run.images(Part::kTrain);
  const int64_t count = run.config().subset.count(images.size());
  const TrajectoryStore experts(run.folder() / "experts", run.config().experts.count);
  const torch::Tensor losses =
      expert_losses(images, run.targets(Part::kTrain), experts, *run.student(), run.observer());
  write_subset(run, "random", random_subset(images.size(), count, run.seed()));
  write_subset(run, "high-loss", high_loss_subset(losses, count));
  write_subset(run, "k-means", kmeans_subset(run.targets(Part::kTrain), count, run.seed()));

  TensorFile file;
  file.tensors["losses"] = losses;
  file.metadata["kind"] = "mkdt expert losses, one a training image";
  write_safetensors(run.path("subset", "losses.safetensors"), file);
}

}  // namespace

Stage subset_stage() {
  Stage stage;
  stage.name = "subset";
  stage.purpose = "Choose the real images to start from and to compare with.";
  stage.inputs = {"embed", "experts"};
  stage.options = options;
  stage.sources = [](Run& run) { return Entries{{"data", run.source()}}; };
  stage.work = work;
  stage.trial = subset_trial;
  return stage;
}

}  // namespace mkdt
