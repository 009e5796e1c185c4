#include <cmath>

#include <gtest/gtest.h>

#include "mkdt/ssl/losses.h"
#include "tests/ssl/loss_checks.h"

namespace mkdt {
namespace {

using testing::random_embeddings;

// The paper's equations, element by element.
double plain_barlow_twins(torch::Tensor z1, torch::Tensor z2, double lambda) {
  const int64_t n = z1.size(0);
  const int64_t d = z1.size(1);
  for (torch::Tensor* z : {&z1, &z2}) {
    torch::Tensor normed = z->detach().clone();
    for (int64_t j = 0; j < d; ++j) {
      double mean = 0;
      double variance = 0;
      for (int64_t b = 0; b < n; ++b) mean += normed[b][j].item<double>() / n;
      for (int64_t b = 0; b < n; ++b) {
        variance += std::pow(normed[b][j].item<double>() - mean, 2) / n;
      }
      for (int64_t b = 0; b < n; ++b) {
        normed[b][j] = (normed[b][j].item<double>() - mean) / std::sqrt(variance + 1e-5);
      }
    }
    *z = normed;
  }
  double loss = 0;
  for (int64_t i = 0; i < d; ++i) {
    for (int64_t j = 0; j < d; ++j) {
      double c = 0;
      for (int64_t b = 0; b < n; ++b) {
        c += z1[b][i].item<double>() * z2[b][j].item<double>() / n;
      }
      loss += i == j ? (1 - c) * (1 - c) : lambda * c * c;
    }
  }
  return loss;
}

TEST(BarlowTwins, LossIsThePapers) {
  // More images than dimensions and the reverse take different ways.
  for (const auto& [batch, dim] : {std::pair<int64_t, int64_t>{9, 4}, {4, 9}}) {
    const torch::Tensor z1 = random_embeddings(batch, dim, 0);
    const torch::Tensor z2 = z1 + 0.5 * random_embeddings(batch, dim, 1);
    for (const double lambda : {0.0, 5e-3, 1.0}) {
      const double expected = plain_barlow_twins(z1, z2, lambda);
      EXPECT_NEAR(barlow_twins_loss(z1, z2, lambda).item<double>(), expected, 1e-12 * expected);
    }
  }
}

TEST(BarlowTwins, GradientIsThatOfFiniteDifferences) {
  const auto loss = [](const auto& z1, const auto& z2) { return barlow_twins_loss(z1, z2, 0.1); };
  for (const auto& [batch, dim] : {std::pair<int64_t, int64_t>{5, 3}, {3, 5}}) {
    testing::expect_gradient_of_differences(loss, random_embeddings(batch, dim, 0),
                                            random_embeddings(batch, dim, 1));
  }
}

// Section 2: embeddings are compared after normalisation along the batch.
TEST(BarlowTwins, DoesNotSeeScaleAndShiftOfADimension) {
  const torch::Tensor z1 = 100 * random_embeddings(9, 4, 0);
  const torch::Tensor z2 = 100 * random_embeddings(9, 4, 1);
  const torch::Tensor scale = torch::tensor({2.0, 5.0, 9.0, 1.5}, torch::kFloat64);
  EXPECT_NEAR(barlow_twins_loss(z1 * scale + 7, z2, 0.1).item<double>(),
              barlow_twins_loss(z1, z2, 0.1).item<double>(), 1e-6);
}

TEST(BarlowTwins, IdenticalDecorrelatedViewsCostNothing) {
  // Columns of a Hadamard matrix: mean 0, variance 1, orthogonal.
  const torch::Tensor z = torch::tensor(
      {{1.0, 1.0, 1.0}, {-1.0, 1.0, -1.0}, {1.0, -1.0, -1.0}, {-1.0, -1.0, 1.0}}, torch::kFloat64);
  EXPECT_NEAR(barlow_twins_loss(z, z, 5e-3).item<double>(), 0, 1e-8);
  EXPECT_NEAR(barlow_twins_loss(z, -z, 0).item<double>(), 12, 1e-3);
}

}  // namespace
}  // namespace mkdt
