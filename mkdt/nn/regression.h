// Knowledge distillation of a student: mean squared error to target representations, by SGD.
#pragma once

#include <functional>
#include <memory>

#include <torch/types.h>

#include "mkdt/nn/network.h"
#include "mkdt/nn/regression_gradient.h"

namespace mkdt {

// L(θ; X, Z) = mean over all elements of (outputs(θ, X) − Z)². A scalar, differentiable.
torch::Tensor regression_loss(const Network& network, const torch::Tensor& theta,
                              const torch::Tensor& images, const torch::Tensor& targets);

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
  // Of the network, which outlives the student; made by the first step, shared by copies, for one
  // thread at a time.
  std::shared_ptr<RegressionGradient> gradient = nullptr;
};

// One step on one batch, always of the same network; returns the loss before it. Replaces the
// tensors of `student`.
double sgd_step(const Network& network, Student& student, const torch::Tensor& images,
                const torch::Tensor& targets, const SgdOptions& options);

// Mean of L over `count` images in batches, without gradient. `targets` [count,d].
double mean_regression_loss(const Network& network, const torch::Tensor& theta,
                            const ImageRange& images_at, const torch::Tensor& targets);

}  // namespace mkdt
