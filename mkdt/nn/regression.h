// Distils knowledge into a student: mean squared error to target representations, its gradient, and
// SGD.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include <torch/types.h>

#include "mkdt/nn/network.h"

namespace mkdt {

// Computes L(θ; X, Z), the mean over all elements of (outputs(θ, X) − Z)²: a scalar,
// differentiable.
torch::Tensor regression_loss(const Network& network, const torch::Tensor& theta,
                              const torch::Tensor& images, const torch::Tensor& targets);

// Computes the gradient of the regression loss by the fastest way that the network and the device
// allow. It keeps what successive gradients share: make one for a whole training.
class RegressionGradient {
 public:
  virtual ~RegressionGradient() = default;
  // Returns L (regression_loss) and ∇_θ L [P] for theta [P], images [B,C,H,W], targets [B,d].
  virtual std::pair<double, torch::Tensor> at(const torch::Tensor& theta,
                                              const torch::Tensor& images,
                                              const torch::Tensor& targets) = 0;
};

// Makes the native engine for ConvNets on a CPU, else autograd. The network outlives it; theta
// tells dtype and device.
std::unique_ptr<RegressionGradient> make_regression_gradient(const Network& network,
                                                             const torch::Tensor& theta);

// At this rate nothing diverges in the few steps by which time and memory are measured.
constexpr double kSafeRate = 1e-4;

struct SgdOptions {
  double lr = 0.1;
  double momentum = 0.9;
  double weight_decay = 1e-4;
};

// A student in training. The update is PyTorch's SGD:
// v ← momentum·v + (∇L + weight_decay·θ),  θ ← θ − lr·v.
struct Student {
  torch::Tensor theta;     // [P]
  torch::Tensor velocity;  // [P], undefined before the first step
  // Belongs to the network, which outlives the student; made by the first step, shared by copies,
  // for one thread at a time.
  std::shared_ptr<RegressionGradient> gradient = nullptr;
};

// Takes one step on one batch, always of the same network, and returns the loss before it. Replaces
// the tensors of `student`.
double sgd_step(const Network& network, Student& student, const torch::Tensor& images,
                const torch::Tensor& targets, const SgdOptions& options);

// Returns the mean of L over `count` images in batches, without gradient. `targets` is [count,d].
double mean_regression_loss(const Network& network, const torch::Tensor& theta,
                            const ImageRange& images_at, const torch::Tensor& targets);

// Computes the share that images [b,C,H,W] and targets [b,d] of a batch of `batch` have in its
// regression loss: the parts of a batch add up to it, and so do all their derivatives. A scalar,
// differentiable.
inline torch::Tensor part_of_regression_loss(const Network& network, const torch::Tensor& theta,
                                             const torch::Tensor& images,
                                             const torch::Tensor& targets, int64_t batch) {
  torch::Tensor loss = regression_loss(network, theta, images, targets);
  if (images.size(0) == batch) return loss;
  return loss * (static_cast<double>(images.size(0)) / static_cast<double>(batch));
}

// Tells whether two halves of such a batch are worth computing side by side (base/threads.h): with
// fewer values they have as many operators to call as the whole, which takes as long.
inline bool worth_halving(const torch::Tensor& images) {
  constexpr int64_t kValues = 100'000;
  return images.is_cpu() && images.size(0) > 1 && images.numel() >= kValues;
}

}  // namespace mkdt
