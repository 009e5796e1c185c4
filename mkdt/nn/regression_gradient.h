// The gradient of the regression loss, by the fastest way that the network and the device allow.
#pragma once

#include <memory>
#include <utility>

#include <torch/types.h>

#include "mkdt/nn/network.h"

namespace mkdt {

// Keeps what successive gradients share: make one for a whole training.
class RegressionGradient {
 public:
  virtual ~RegressionGradient() = default;
  // L (regression_loss) and ∇_θ L [P] for theta [P], images [B,C,H,W], targets [B,d].
  virtual std::pair<double, torch::Tensor> at(const torch::Tensor& theta,
                                              const torch::Tensor& images,
                                              const torch::Tensor& targets) = 0;
};

// The native engine for ConvNets on a CPU, else autograd. The network outlives it; theta tells
// dtype and device.
std::unique_ptr<RegressionGradient> make_regression_gradient(const Network& network,
                                                             const torch::Tensor& theta);

}  // namespace mkdt
