#include "mkdt/stages/subset.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <torch/utils.h>

#include "mkdt/compare/stage_files.h"
#include "mkdt/distill/subset.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/stages/stages.h"
#include "mkdt/stages/trial.h"

namespace mkdt {
namespace {

std::string file_of(const std::string& kind) { return kind + ".safetensors"; }

// Tells whether a path in the run folder is that of the stage's output.
bool is_of(const char* stage, const std::string& file) {
  return file.rfind(std::string(stage) + "/", 0) == 0;
}

bool is_subset(const std::string& file, const std::string& kind) {
  return file == fmt::format("{}/{}", kSubsetStage, file_of(kind));
}

}  // namespace

void write_subset(const Run& run, const std::string& kind, const torch::Tensor& rows) {
  TensorFile file;
  file.tensors["rows"] = rows;
  file.metadata = {{"kind", "mkdt subset"}, {"choice", kind}};
  write_safetensors(run.path(kSubsetStage, file_of(kind)), file);
}

torch::Tensor read_subset(const Run& run, const std::string& kind) {
  return read_safetensors(run.path(kSubsetStage, file_of(kind))).tensor("rows").clone();
}

std::function<bool(const std::string& file)> reads_subset(const std::string& kind) {
  return [kind](const std::string& file) {
    return !is_of(kSubsetStage, file) || is_subset(file, kind);
  };
}

namespace {

// Tries computing a batch's losses at one of the experts' epochs.
StageStep loss_step(Run& run, const NetworkPtr& network, double images) {
  StageStep step;
  step.name = "losses of a batch";
  step.option = "experts.width";
  step.batch = std::min(kExpertLossBatch, run.images(Part::kTrain).size());
  step.count = images / static_cast<double>(step.batch);
  step.run = [&run, network](int64_t batch, int64_t steps) {
    const ImageSet some = some_images(run.images(Part::kTrain), batch);
    const torch::Tensor theta = initial_encoder(*network, /*seed=*/0, run.device());
    const torch::Tensor targets = stand_in({batch, network->output_dim()}, run.device());
    return seconds_of(steps, run.device(), [&] {
      losses_of_rows(*network, theta, some, targets, 0, batch, run.observer()).cpu();
    });
  };
  return step;
}

StageStep kmeans_step(Run& run, int64_t dim) {
  StageStep step;
  step.name = "k-means";
  step.option = "subset.size";
  step.batch = run.images(Part::kTrain).size();
  step.count = 1;
  step.least_batch = std::min(step.batch, set_size(run));
  step.run = [&run, dim](int64_t batch, int64_t steps) {
    const torch::Tensor rows = stand_in({batch, dim}, run.device());
    const int64_t count = std::min(set_size(run), batch);
    return seconds_of(steps, run.device(),
                      [&] { kmeans_subset(rows, count, run.seed(), run.observer()); });
  };
  return step;
}

}  // namespace

StageTrial subset_trial(Run& run, const StageNames& unfinished) {
  const int64_t images = run.images(Part::kTrain).size();
  const NetworkPtr network = expected_student(run, unfinished);
  StageTrial trial;
  if (run.config().uses_high_loss_subset()) {
    const int64_t looks = run.config().experts.count * run.config().expert_epochs();
    trial.steps.push_back(loss_step(run, network, static_cast<double>(images * looks)));
  }
  trial.steps.push_back(kmeans_step(run, network->output_dim()));
  constexpr int64_t kNumbersAnImage = 4;  // its loss and places in subsets
  trial.disk = kNumbersAnImage * images * static_cast<int64_t>(sizeof(int64_t));
  return trial;
}

namespace {

// The random and the k-means subset are made, whichever one distillation starts from: they take
// seconds. That of the highest losses needs experts and every image's loss at each of their epochs,
// so it is made only where it is read.
Entries subset_options(const Config& config) {
  Entries entries = options_of(config, {"data", "subset"});
  entries.erase("subset.start");
  if (config.uses_high_loss_subset())
    entries["experts.count"] = std::to_string(config.experts.count);
  return entries;
}

bool is_of_experts(const std::string& key) { return key.rfind(kExpertsStage, 0) == 0; }

// Tells whether anything but the experts changed. The subset of the highest losses takes little to
// make again: one pass over the images for each recorded epoch.
bool loses_rows(const Run& /*run*/, const Manifest& then, const Manifest& now) {
  const std::vector<Change> found = changes(then, now);
  return !std::all_of(found.begin(), found.end(),
                      [](const Change& change) { return is_of_experts(change.key); });
}

bool remakes_rows(const std::string& file, const std::set<std::string>& changed) {
  return std::any_of(changed.begin(), changed.end(), [&](const std::string& key) {
    if (is_subset(file, kRandomSubset)) return !is_of(kEmbedStage, key) && !is_of_experts(key);
    return !is_subset(file, kKMeansSubset) || !is_of_experts(key);
  });
}

void write_high_loss_subset(Run& run, int64_t count) {
  const TrajectoryStore experts(run.folder() / kExpertsStage, run.config().experts.count);
  const torch::Tensor losses = expert_losses(run.images(Part::kTrain), run.targets(Part::kTrain),
                                             experts, *run.student(), run.observer());
  write_subset(run, kHighLossSubset, high_loss_subset(losses, count));
  TensorFile file;
  file.tensors["losses"] = losses;
  file.metadata["kind"] = "mkdt expert losses, one a training image";
  write_safetensors(run.path(kExpertLossesFile), file);
}

void subset_work(Run& run, const Manifest& /*manifest*/) {
  const ImageSet& images = run.images(Part::kTrain);
  const int64_t count = run.config().subset.count(images.size());
  write_subset(run, kRandomSubset, random_subset(images.size(), count, run.seed()));
  write_subset(run, kKMeansSubset,
               kmeans_subset(run.targets(Part::kTrain), count, run.seed(), run.observer()));
  if (run.config().uses_high_loss_subset()) write_high_loss_subset(run, count);
}

}  // namespace

Stage subset_stage(const Config& config) {
  Stage stage;
  stage.name = kSubsetStage;
  stage.purpose = "Choose the real images to start from and to compare with.";
  stage.inputs = {kEmbedStage};
  if (config.uses_high_loss_subset()) {
    stage.inputs.emplace_back(kExpertsStage);
  } else {
    stage.tolerates = [](const Change& change) { return is_of_experts(change.key); };
  }
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
