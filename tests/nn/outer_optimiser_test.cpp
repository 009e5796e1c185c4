#include <gtest/gtest.h>
#include <torch/optim.h>

#include "mkdt/nn/update_rules.h"

namespace mkdt {
namespace {

// The same gradients through libtorch's optimiser.
template <class Optimiser, class Options>
torch::Tensor libtorch_path(const std::vector<torch::Tensor>& gradients, Options options) {
  torch::Tensor x = torch::zeros_like(gradients[0]).requires_grad_(true);
  Optimiser optimiser({x}, options);
  for (const torch::Tensor& gradient : gradients) {
    x.mutable_grad() = gradient.clone();
    optimiser.step();
  }
  return x.detach();
}

torch::Tensor our_path(const std::vector<torch::Tensor>& gradients, const OuterRule& rule,
                       double rate) {
  torch::Tensor x = torch::zeros_like(gradients[0]);
  Moments moments;
  for (const torch::Tensor& gradient : gradients) {
    x = x - outer_step(rule, rate, gradient, moments);
  }
  return x;
}

std::vector<torch::Tensor> gradients() {
  torch::manual_seed(1);
  std::vector<torch::Tensor> result;
  for (int i = 0; i < 6; ++i) result.push_back(torch::randn({3, 4}, torch::kFloat64));
  return result;
}

TEST(OuterOptimiser, SgdIsLibtorchs) {
  const auto expected =
      libtorch_path<torch::optim::SGD>(gradients(), torch::optim::SGDOptions(0.3).momentum(0.5));
  EXPECT_TRUE(torch::allclose(our_path(gradients(), {false, 0.5}, 0.3), expected, 1e-12));
}

TEST(OuterOptimiser, AdamIsLibtorchs) {
  const auto expected = libtorch_path<torch::optim::Adam>(
      gradients(), torch::optim::AdamOptions(0.02).betas({0.5, 0.9}).eps(1e-12));
  EXPECT_TRUE(torch::allclose(our_path(gradients(), {true, 0}, 0.02), expected, 1e-9));
}

TEST(OuterOptimiser, AdamDoesNotSeeTheGradientsScale) {
  std::vector<torch::Tensor> small = gradients();
  for (torch::Tensor& gradient : small) gradient = gradient * 1e-7;
  EXPECT_TRUE(torch::allclose(our_path(small, {true, 0}, 0.02),
                              our_path(gradients(), {true, 0}, 0.02), 1e-3));
}

}  // namespace
}  // namespace mkdt
