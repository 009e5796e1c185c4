// Pre-trains an encoder, a fresh network that regresses the targets of a (real or synthetic) set,
// and takes its loss without labels.
#pragma once

#include <cstdint>
#include <functional>

#include <torch/types.h>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/data/image_set.h"
#include "mkdt/nn/network.h"
#include "mkdt/nn/regression.h"

namespace mkdt {

// Images with the representation that each should get. Real sets normalise on the fly, synthetic
// ones already hold float images: hence a function.
struct RegressionSet {
  std::function<torch::Tensor(const torch::Tensor& indices)> images_at;  // int64 [B] → [B,C,H,W]
                                                                         // (indices on the CPU)
  torch::Tensor targets;  // float32 [M,d], on the device that images_at delivers to

  int64_t size() const { return targets.size(0); }
};

struct TrainingOptions {
  int64_t batch = 256;
  SgdOptions sgd;              // lr is the recipe's
  bool short_batches = false;  // the last batch of a pass may be smaller; otherwise it is dropped
};

// Says that the loss stopped being finite: the learning rate is too high for this set.
class DivergedError : public Error {
 public:
  using Error::Error;
};

// Called after a step (1 … steps) with the θ to which it led.
using AfterStep = std::function<void(int64_t step, const torch::Tensor& theta)>;

// Trains for `steps` batches of successive random permutations and returns θ [P]; `seed` decides
// initialisation and order. Throws DivergedError as soon as a batch's loss, or the last θ, is not
// finite.
torch::Tensor pretrain(const Network& network, const RegressionSet& set, int64_t steps,
                       const TrainingOptions& options, uint64_t seed,
                       const AfterStep& after_step = nullptr);

// Returns the fresh encoder from which every method starts for this seed.
torch::Tensor initial_encoder(const Network& network, uint64_t seed, torch::Device device);

// Returns the representation loss: the mean squared error between the encoder's outputs and the
// targets.
double representation_loss(const Network& network, const torch::Tensor& theta,
                           const RegressionSet& held_out);

// Makes a set of real images, normalised batch by batch on `device`; `targets` float32 [N,d], row i
// for image i. Throws Error if the counts differ.
RegressionSet regression_set(const ImageSet& images, const torch::Tensor& targets,
                             torch::Device device);

// Makes images_at throw Stopped where the observer, which outlives the set, wants to stop: all that
// is computed batch by batch then ends within a batch.
RegressionSet stoppable(RegressionSet set, const Observer& observer);

// Makes a set of images [M,C,H,W] in normalised space, as a synthetic set holds them.
RegressionSet regression_set(const torch::Tensor& images, const torch::Tensor& targets,
                             torch::Device device);

// A head is fitted to as many images at most.
constexpr int64_t kMostFittedRows = 10'000;

// Returns `theta` [P] with its head (weight [d,F] and bias [d], the last two parameters of the
// layout) replaced by the ridge regression of training.targets on the network's features, for
// encoders that were not trained to regress the targets:
//   minimises mean_i ‖W x_i + b − z_i‖² + ridge·s·‖W‖², s the mean variance of the features,
// by Cholesky in float64; the bias is free. From more than kMostFittedRows images it takes as many
// evenly spaced ones. Throws DivergedError for features that are not finite, Error for dependent
// ones without a ridge.
torch::Tensor with_fitted_head(const Network& network, const torch::Tensor& theta,
                               const RegressionSet& training, double ridge);

// A method as the comparison knows it: how it trains an encoder.
struct Pretraining {
  // Returns θ [P] after `steps` batches from initial_encoder(network, seed); deterministic. Throws
  // DivergedError as pretrain() does.
  std::function<torch::Tensor(const NetworkPtr& network, int64_t steps,
                              const TrainingOptions& options, uint64_t seed,
                              const AfterStep& after_step)>
      train;
  int64_t set_size = 0;           // images
  double syn_lr = 0;              // the set's learned rate; 0: it has none
  bool regresses_targets = true;  // otherwise the network's head stays as it was
};

// Pre-trains by pretrain() on `set`.
Pretraining regression_pretraining(const RegressionSet& set, double syn_lr = 0);

// Returns the representation loss of an encoder on images on which it was not trained.
using HeldOutLoss = std::function<double(const Network& network, const torch::Tensor& theta)>;

// Takes representation_loss() on `held_out`, for pre-trainings that regress the targets.
HeldOutLoss loss_on(const RegressionSet& held_out);

// First fits the head to `training` in closed form (with_fitted_head), for other pre-trainings.
HeldOutLoss loss_of_fitted_head(const RegressionSet& training, const RegressionSet& held_out);

}  // namespace mkdt
