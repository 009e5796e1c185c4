// What a method does to an encoder before it is judged, and how the result is judged without
// labels.
#pragma once

#include <cstdint>
#include <functional>

#include <torch/types.h>

#include "mkdt/eval/pretrain.h"

namespace mkdt {

struct Pretraining {
  // θ [P] after `steps` batches from initial_encoder(network, seed); deterministic. Throws
  // DivergedError as pretrain() does.
  std::function<torch::Tensor(const NetworkPtr& network, int64_t steps,
                              const PretrainOptions& options, uint64_t seed,
                              const AfterStep& after_step)>
      train;
  int64_t set_size = 0;           // images
  double syn_lr = 0;              // the set's learned rate; 0: it has none
  bool regresses_targets = true;  // otherwise the network's head stays as it was
};

// pretrain() on `set`.
Pretraining regression_pretraining(const RegressionSet& set, double syn_lr = 0);

// The representation loss of an encoder on images that it was not trained on.
using HeldOutLoss = std::function<double(const Network& network, const torch::Tensor& theta)>;

// representation_loss() on `held_out`, for pre-trainings that regress the targets.
HeldOutLoss loss_on(const RegressionSet& held_out);

// For the others: the head is first fitted to `training` in closed form (fitted_head.h).
HeldOutLoss loss_of_fitted_head(const RegressionSet& training, const RegressionSet& held_out);

}  // namespace mkdt
