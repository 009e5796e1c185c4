#include "mkdt/nn/ops/operators.h"

#include <gtest/gtest.h>

#include "mkdt/base/random.h"

namespace mkdt {
namespace {

torch::Tensor random(std::vector<int64_t> shape, uint64_t seed) {
  at::Generator generator = make_generator(seed, "operators test");
  return torch::randn(shape, generator);
}

torch::Tensor rounded(const torch::Tensor& x) { return x.to(torch::kBFloat16).to(torch::kFloat32); }

double relative_error(const torch::Tensor& found, const torch::Tensor& expected) {
  return ((found - expected).norm() / expected.norm()).item<double>();
}

// bfloat16 has 8 significant bits: rounding a result costs at most 2⁻⁸ of it.
constexpr double kRounding = 1.0 / 256;

TEST(Operators, OursAreTheStockOnes) {
  const torch::Tensor x = random({3, 4, 9, 9}, 1), bias = random({5}, 3);
  for (const int64_t kernel : {1, 3}) {
    const torch::Tensor weight = random({5, 4, kernel, kernel}, 2);
    for (const int64_t stride : {1, 2}) {
      const torch::Tensor stock = convolve(Operators::kStock, x, weight, bias, {stride});
      EXPECT_LE(relative_error(convolve(Operators::kFused, x, weight, bias, {stride}), stock),
                1e-6);
    }
  }
}

TEST(Operators, Bfloat16RoundsTheFactorsAndNothingElse) {
  const torch::Tensor x = random({3, 4, 9, 9}, 1), weight = random({5, 4, 3, 3}, 2);
  const torch::Tensor bias = 100 * random({5}, 3);
  const torch::Tensor found = convolve(Operators::kBfloat16, x, weight, bias);
  EXPECT_EQ(found.scalar_type(), torch::kFloat32);
  const torch::Tensor expected = torch::conv2d(rounded(x), rounded(weight), {}, 1, 1);
  EXPECT_LE(relative_error(found - bias.view({1, -1, 1, 1}), expected), kRounding);
  EXPECT_GT(relative_error(found, convolve(Operators::kStock, x, weight, bias)), 0);

  const torch::Tensor rows = random({6, 40}, 4), matrix = random({7, 40}, 5);
  const torch::Tensor shift = 100 * random({7}, 6);
  const torch::Tensor product = apply_linear(Operators::kBfloat16, rows, matrix, shift);
  EXPECT_EQ(product.scalar_type(), torch::kFloat32);
  EXPECT_LE(relative_error(product - shift, rounded(rows).mm(rounded(matrix).t())), kRounding);
}

}  // namespace
}  // namespace mkdt
