// A network's parameters by name, and the layers that oracles are made of.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/base/random.h"
#include "mkdt/nn/convnet.h"
#include "mkdt/nn/network.h"

namespace mkdt::testing {

// The initial parameters in float64, and noise, so that none is 0 or 1.
inline torch::Tensor random_theta(const Network& network, double noise = 0.1) {
  at::Generator generator = make_generator(3, "test");
  const torch::Tensor theta = network.initialise(generator).to(torch::kFloat64);
  return theta + noise * torch::randn(theta.sizes(), generator, theta.options());
}

inline torch::Tensor random_images(const Network& network, int64_t count) {
  at::Generator generator = make_generator(1, "images");
  return torch::randn({count, network.channels(), network.image_size(), network.image_size()},
                      generator, torch::kFloat64);
}

class NamedParameters {
 public:
  NamedParameters(const Network& network, const torch::Tensor& theta) {
    const std::vector<torch::Tensor> views = network.layout().views(theta);
    for (size_t i = 0; i < views.size(); ++i) {
      parameters_[network.layout().parameters()[i].name] = views[i];
    }
  }

  const torch::Tensor& at(const std::string& name) const { return parameters_.at(name); }

  // Stock convolution, its bias where it has one, and instance norm.
  torch::Tensor unit(const torch::Tensor& x, const std::string& convolution,
                     const std::string& norm, int64_t stride, int64_t groups = 1) const {
    const torch::Tensor& weight = at(convolution + ".weight");
    const auto bias = parameters_.find(convolution + ".bias");
    const torch::Tensor y =
        torch::conv2d(x, weight, bias == parameters_.end() ? torch::Tensor() : bias->second, stride,
                      weight.size(2) / 2, /*dilation=*/1, groups);
    return torch::instance_norm(y, at(norm + ".weight"), at(norm + ".bias"), {}, {}, true, 0,
                                kNormEps, false);
  }
  torch::Tensor linear(const torch::Tensor& x, const std::string& name) const {
    return x.mm(at(name + ".weight").t()) + at(name + ".bias");
  }

 private:
  std::map<std::string, torch::Tensor> parameters_;
};

}  // namespace mkdt::testing
