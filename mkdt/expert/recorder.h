// Records expert trajectories: students trained by knowledge distillation on the real images.
#pragma once

#include <functional>
#include <string>

#include <torch/types.h>

#include "mkdt/core/observer.h"
#include "mkdt/data/image_set.h"
#include "mkdt/expert/expert_options.h"
#include "mkdt/expert/trajectory.h"

namespace mkdt {

// What every expert of a run has in common.
struct ExpertTraining {
  NetworkPtr network;
  const ImageSet& images;        // real training images
  const torch::Tensor& targets;  // float32 [N,d], their representations, on `device`
  int64_t epochs = 0;            // to train and record
  const ExpertOptions& options;
  uint64_t seed = 0;
  torch::Device device;
};

// MSE to the targets by SGD with momentum, shuffled, no augmentation; θ before training and after
// every epoch (MKDT, arXiv 2410.02116, section 4). Initialisation and order depend on `seed` and
// `index` alone. Error if the loss stops being finite.
ExpertTrajectory record_expert(const ExpertTraining& training, int64_t index);

// All experts of the store, whatever `record(index)` trains; those that are there with this key are
// kept. `name` is that of progress and curve.
void record_missing(const TrajectoryStore& store, const std::string& key, const std::string& name,
                    const std::function<ExpertTrajectory(int64_t index)>& record,
                    Observer& observer);

// All `options.count` experts into the store; those that are there with this key are kept.
void record_experts(const ExpertTraining& training, const TrajectoryStore& store,
                    const std::string& key, Observer& observer);

}  // namespace mkdt
