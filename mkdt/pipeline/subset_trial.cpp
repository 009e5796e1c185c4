#include <algorithm>

#include <torch/utils.h>

#include "mkdt/distill/kmeans.h"
#include "mkdt/distill/subset.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/trial_inputs.h"

namespace mkdt {
namespace {

// A batch's losses at one of the experts' epochs.
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
    const auto images_at = [&](int64_t begin, int64_t end) {
      return some.normalised(torch::arange(begin, end, torch::kLong), run.device());
    };
    return seconds_of(steps, run.device(), [&] {
      const torch::Tensor outputs = outputs_in_batches(*network, theta, images_at, batch);
      (outputs - targets).square().mean(1).cpu();
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
  if (run.config().uses_experts()) {
    const int64_t looks = run.config().experts.count * run.config().expert_epochs();
    trial.steps.push_back(loss_step(run, network, static_cast<double>(images * looks)));
  }
  trial.steps.push_back(kmeans_step(run, network->output_dim()));
  constexpr int64_t kNumbersAnImage = 4;  // its loss and places in subsets
  trial.disk = kNumbersAnImage * images * static_cast<int64_t>(sizeof(int64_t));
  return trial;
}

}  // namespace mkdt
