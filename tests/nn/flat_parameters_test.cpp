#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "mkdt/nn/network.h"

namespace mkdt {
namespace {

ParameterLayout sample_layout() {
  return ParameterLayout({{"a", {2, 3}}, {"b", {4}}, {"scalar", {}}, {"c", {1, 2, 2}}});
}

TEST(ParameterLayout, CountsScalars) {
  EXPECT_EQ(sample_layout().size(), 6 + 4 + 1 + 4);
  EXPECT_EQ(ParameterLayout().size(), 0);
  EXPECT_EQ(sample_layout().parameters()[2].name, "scalar");
}

TEST(ParameterLayout, ViewsAreTheVectorCutUpInOrder) {
  const torch::Tensor theta = torch::arange(15, torch::kFloat64);
  const std::vector<torch::Tensor> views = sample_layout().views(theta);
  ASSERT_EQ(views.size(), 4u);
  EXPECT_TRUE(torch::equal(views[0], torch::arange(6, torch::kFloat64).view({2, 3})));
  EXPECT_TRUE(torch::equal(views[1], torch::arange(6, 10, torch::kFloat64)));
  EXPECT_EQ(views[2].dim(), 0);
  EXPECT_EQ(views[2].item<double>(), 10);
  EXPECT_EQ(views[3].sizes(), (std::vector<int64_t>{1, 2, 2}));
}

TEST(ParameterLayout, ViewsShareTheVectorsMemory) {
  torch::Tensor theta = torch::zeros({15});
  sample_layout().views(theta)[1][0] = 7;
  EXPECT_EQ(theta[6].item<float>(), 7);
}

TEST(ParameterLayout, ViewsAreDifferentiableAndUnusedOnesGiveZero) {
  const torch::Tensor theta = torch::randn({15}, torch::kFloat64).requires_grad_(true);
  const std::vector<torch::Tensor> views = sample_layout().views(theta);
  const torch::Tensor loss = views[0].square().sum() + 3 * views[2];
  const torch::Tensor gradient = torch::autograd::grad({loss}, {theta})[0];
  torch::Tensor expected = torch::zeros({15}, torch::kFloat64);
  expected.slice(0, 0, 6) = 2 * theta.detach().slice(0, 0, 6);
  expected[10] = 3;
  EXPECT_TRUE(torch::equal(gradient, expected));
}

TEST(ParameterLayout, AVectorOfAnotherLengthDoesNotFit) {
  EXPECT_THROW(sample_layout().views(torch::zeros({14})), c10::Error);
}

}  // namespace
}  // namespace mkdt
