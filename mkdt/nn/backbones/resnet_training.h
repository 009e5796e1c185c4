// The features of a ResNet in training by an engine of our own, for autograd.
#pragma once

#include <memory>
#include <vector>

#include <torch/nn/modules/batchnorm.h>

#include "mkdt/nn/residual/network_plan.h"

namespace mkdt {

// Computes what the stock operators do, up to rounding, in bfloat16 with float32 sums. It takes its
// own parameters' values at each call; like a module, it is used by one thread at a time.
class ResNetTraining {
 public:
  // Tells whether this processor has kernels that are faster than stock operators.
  static bool available();

  explicit ResNetTraining(const residual::NetworkShape& shape);
  ~ResNetTraining();
  ResNetTraining(const ResNetTraining&) = delete;
  ResNetTraining& operator=(const ResNetTraining&) = delete;

  // Maps images [B,3,S,S] on the CPU to features float32 [B,F], and lets the norms' running
  // statistics follow the batch's. `parameters`, float32, and `norms` are the network's, in its
  // order. There is no second derivative.
  torch::Tensor features(const torch::Tensor& images, const std::vector<torch::Tensor>& parameters,
                         const std::vector<std::shared_ptr<torch::nn::BatchNorm2dImpl>>& norms);

 private:
  struct Held;
  c10::intrusive_ptr<Held> held_;
};

}  // namespace mkdt
