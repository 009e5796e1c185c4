// What the tests of the self-supervised losses have in common.
#pragma once

#include <functional>
#include <vector>

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/utils.h>

#include "mkdt/base/random.h"

namespace mkdt::testing {

inline torch::Tensor random_embeddings(int64_t batch, int64_t dim, uint64_t index) {
  at::Generator generator = make_generator(3, "test/embeddings", index);
  return at::randn({batch, dim}, generator, torch::TensorOptions(torch::kFloat64)) * 2 + 1;
}

// Rows as plain numbers, for transcriptions of formulas.
using Rows = std::vector<std::vector<double>>;

inline Rows rows_of(const torch::Tensor& z) {
  Rows rows(static_cast<size_t>(z.size(0)), std::vector<double>(static_cast<size_t>(z.size(1))));
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t j = 0; j < rows[i].size(); ++j) {
      rows[i][j] = z[static_cast<int64_t>(i)][static_cast<int64_t>(j)].item<double>();
    }
  }
  return rows;
}

inline double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t j = 0; j < a.size(); ++j) sum += a[j] * b[j];
  return sum;
}

using TwoViewLoss = std::function<torch::Tensor(const torch::Tensor&, const torch::Tensor&)>;

// The gradient with respect to z1 and, if `second`, to z2, against central differences.
inline void expect_gradient_of_differences(const TwoViewLoss& loss, torch::Tensor z1,
                                           torch::Tensor z2, bool second = true) {
  z1 = z1.clone().requires_grad_();
  z2 = z2.clone().requires_grad_();
  loss(z1, z2).backward();
  const torch::NoGradGuard no_grad;
  for (const torch::Tensor& z : second ? std::vector{z1, z2} : std::vector{z1}) {
    torch::Tensor values = z.view(-1);
    for (int64_t i = 0; i < values.numel(); ++i) {
      const double h = 1e-5;
      values[i] += h;
      const double above = loss(z1, z2).item<double>();
      values[i] -= 2 * h;
      const double below = loss(z1, z2).item<double>();
      values[i] += h;
      EXPECT_NEAR(z.grad().view(-1)[i].item<double>(), (above - below) / (2 * h), 1e-7) << i;
    }
  }
}

}  // namespace mkdt::testing
