// Pre-training an encoder: a fresh network regresses the targets of a (real or synthetic) set.
#pragma once

#include <cstdint>
#include <functional>

#include <torch/types.h>

#include "mkdt/core/error.h"
#include "mkdt/nn/network.h"
#include "mkdt/nn/regression.h"

namespace mkdt {

// Images with the representation that each should get. Real sets normalise on the fly,
// synthetic ones already hold float images: hence a function.
struct RegressionSet {
  std::function<torch::Tensor(const torch::Tensor& indices)> images_at;  // int64 [B] → [B,C,H,W]
                                                                         // (indices on the CPU)
  torch::Tensor targets;  // float32 [M,d], on the device that images_at delivers to

  int64_t size() const { return targets.size(0); }
};

struct PretrainOptions {
  int64_t batch = 256;
  SgdOptions sgd;              // lr is the recipe's
  bool short_batches = false;  // the last batch of a pass may be smaller; otherwise it is dropped
};

// The loss stopped being finite: the learning rate is too high for this set.
class DivergedError : public Error {
 public:
  using Error::Error;
};

// Called after a step (1 … steps) with the θ that it led to.
using AfterStep = std::function<void(int64_t step, const torch::Tensor& theta)>;

// Trains for `steps` batches of successive random permutations; `seed` decides initialisation
// and order. Returns θ [P].
// Throws DivergedError as soon as a batch's loss, or the last θ, is not finite.
torch::Tensor pretrain(const Network& network, const RegressionSet& set, int64_t steps,
                       const PretrainOptions& options, uint64_t seed,
                       const AfterStep& after_step = nullptr);

// The fresh encoder that every method starts from for this seed.
torch::Tensor initial_encoder(const Network& network, uint64_t seed, torch::Device device);

// Mean squared error between the encoder's outputs and the targets: the representation loss.
double representation_loss(const Network& network, const torch::Tensor& theta,
                           const RegressionSet& held_out);

}  // namespace mkdt
