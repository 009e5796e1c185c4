#include <cmath>

#include <gtest/gtest.h>

#include "mkdt/base/random.h"
#include "mkdt/data/representations.h"

namespace mkdt {
namespace {

torch::Tensor random_rows(int64_t rows, int64_t dim) {
  at::Generator generator = make_generator(1, "test/rows");
  return at::randn({rows, dim}, generator, torch::TensorOptions(torch::kFloat32));
}

TEST(DirectionStd, IsOneForSpreadRowsAndZeroForEqualOnes) {
  EXPECT_NEAR(direction_std(random_rows(2000, 50)), 1, 0.02);
  EXPECT_NEAR(direction_std(random_rows(1, 50).expand({10, 50})), 0, 1e-6);
  EXPECT_EQ(direction_std(torch::zeros({10, 50})), 0);
  const torch::Tensor z = random_rows(20, 5);
  EXPECT_NEAR(direction_std(z * torch::rand({20, 1}).add(0.1)), direction_std(z), 1e-6);
}

TEST(EffectiveRank, CountsEqualDirections) {
  // Rows ±e_1 … ±e_k: k equal singular values around a mean of 0.
  const torch::Tensor axes = torch::eye(8).slice(0, 0, 3);
  EXPECT_NEAR(effective_rank(torch::cat({axes, -axes}) + 5), 3, 1e-5);
}

TEST(EffectiveRank, IsTheExponentialOfTheEntropy) {
  const torch::Tensor z = torch::tensor({{3.0, 0.0}, {-3.0, 0.0}, {0.0, 1.0}, {0.0, -1.0}});
  const double p = 0.75;  // singular values 3√2 and √2
  const double entropy = -p * std::log(p) - (1 - p) * std::log(1 - p);
  EXPECT_NEAR(effective_rank(z), std::exp(entropy), 1e-5);
}

TEST(EffectiveRank, TallAndWideMatricesTakeTheSameWay) {
  const torch::Tensor z = random_rows(6, 40);
  const torch::Tensor centred = (z - z.mean(0)).to(torch::kFloat64);
  const torch::Tensor sigma = torch::linalg_svdvals(centred).slice(0, 0, 5);
  const torch::Tensor p = sigma / sigma.sum();
  EXPECT_NEAR(effective_rank(z), std::exp(-(p * p.log()).sum().item<double>()), 1e-4);
  EXPECT_LE(effective_rank(random_rows(40, 6)), 6);
}

TEST(EffectiveRank, IsZeroForEqualRows) {
  EXPECT_EQ(effective_rank(torch::zeros({5, 3})), 0);
  EXPECT_EQ(effective_rank(torch::full({5, 3}, 0.3F)), 0);
}

}  // namespace
}  // namespace mkdt
