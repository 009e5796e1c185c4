#include <stdexcept>

#include <gtest/gtest.h>

#include "mkdt/distill/trajectory_task.h"

namespace mkdt {
namespace {

torch::Tensor vector(const std::vector<double>& values) {
  return torch::tensor(values, torch::kFloat64);
}

TEST(MatchingLoss, IsTheRelativeSquaredDistance) {
  const OuterObjective objective = matching_loss(vector({1, 2, 3}), vector({1, 0, 2}));
  const OuterLoss outer = objective(vector({2, 1, 2}));  // 1² + 1² + 0² over 0² + 2² + 1²
  EXPECT_DOUBLE_EQ(outer.value, 2.0 / 5);
  EXPECT_TRUE(outer.gradient.allclose(vector({2.0 / 5, 2.0 / 5, 0})));
}

TEST(MatchingLoss, IsOneAtTheStartAndZeroAtTheExpert) {
  const torch::Tensor start = vector({0.5, -1}), target = vector({2, 2});
  const OuterObjective objective = matching_loss(start, target);
  EXPECT_DOUBLE_EQ(objective(start).value, 1);
  EXPECT_DOUBLE_EQ(objective(target).value, 0);
  EXPECT_TRUE(torch::equal(objective(target).gradient, vector({0, 0})));
}

TEST(MatchingLoss, GradientIsThatOfTheValue) {
  torch::manual_seed(3);
  const auto random = [] { return torch::randn({6}, torch::kFloat64); };
  const OuterObjective objective = matching_loss(random(), random());
  torch::Tensor theta = random();
  const torch::Tensor gradient = objective(theta).gradient;
  constexpr double kStep = 1e-6;
  for (int64_t i = 0; i < 6; ++i) {
    const torch::Tensor step = torch::zeros_like(theta).index_fill(0, torch::tensor(i), kStep);
    const double slope =
        (objective(theta + step).value - objective(theta - step).value) / 2 / kStep;
    EXPECT_NEAR(gradient[i].item<double>(), slope, 1e-8);
  }
}

TEST(MatchingLoss, KeepsTheDtypeAndSumsManySmallTermsExactly) {
  const torch::Tensor start = torch::full({1'000'000}, 1e-3f), target = torch::zeros({1'000'000});
  const OuterLoss outer = matching_loss(start, target)(start * 0.5);
  EXPECT_EQ(outer.gradient.scalar_type(), torch::kFloat32);
  EXPECT_NEAR(outer.value, 0.25, 1e-9);
}

TEST(MatchingLoss, RefusesAnExpertThatDidNotMove) {
  EXPECT_THROW(matching_loss(vector({1, 2}), vector({1, 2})), std::invalid_argument);
}

}  // namespace
}  // namespace mkdt
