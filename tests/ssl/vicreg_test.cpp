#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "mkdt/ssl/losses.h"
#include "tests/ssl/loss_checks.h"

namespace mkdt {
namespace {

using testing::random_embeddings;
using testing::Rows;

double mean_of(const Rows& z, size_t j) {
  double sum = 0;
  for (const auto& row : z) sum += row[j];
  return sum / static_cast<double>(z.size());
}

double covariance(const Rows& z, size_t j, size_t k) {
  double sum = 0;
  for (const auto& row : z) sum += (row[j] - mean_of(z, j)) * (row[k] - mean_of(z, k));
  return sum / static_cast<double>(z.size() - 1);
}

// Equations 1 to 6 of the paper, element by element.
double plain_vicreg(const torch::Tensor& z1, const torch::Tensor& z2,
                    const VicRegWeights& weights) {
  const Rows a = testing::rows_of(z1);
  const Rows b = testing::rows_of(z2);
  const size_t dims = a[0].size();
  double s = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = 0; j < dims; ++j) s += std::pow(a[i][j] - b[i][j], 2);
  }
  double v = 0;
  double c = 0;
  for (const Rows* z : {&a, &b}) {
    for (size_t j = 0; j < dims; ++j) {
      v += std::max(0.0, 1 - std::sqrt(covariance(*z, j, j) + 1e-4)) / static_cast<double>(dims);
      for (size_t k = 0; k < dims; ++k) {
        if (k != j) c += std::pow(covariance(*z, j, k), 2) / static_cast<double>(dims);
      }
    }
  }
  return weights.invariance * s / static_cast<double>(a.size()) + weights.variance * v +
         weights.covariance * c;
}

TEST(VicReg, LossIsThePapers) {
  // More images than dimensions and the reverse take different ways; small ones are inside the
  // hinge.
  for (const auto& [batch, dim] : {std::pair<int64_t, int64_t>{9, 4}, {4, 9}}) {
    for (const double size : {0.1, 1.0}) {
      const torch::Tensor z1 = size * random_embeddings(batch, dim, 0);
      const torch::Tensor z2 = z1 + 0.5 * size * random_embeddings(batch, dim, 1);
      for (const VicRegWeights& weights : {VicRegWeights{}, {0, 1, 0}, {0, 0, 1}, {1, 0, 0}}) {
        const double expected = plain_vicreg(z1, z2, weights);
        EXPECT_NEAR(vicreg_loss(z1, z2, weights).item<double>(), expected,
                    1e-12 * std::max(expected, 1.0));
      }
    }
  }
}

TEST(VicReg, GradientIsThatOfFiniteDifferences) {
  const auto loss = [](const auto& z1, const auto& z2) { return vicreg_loss(z1, z2, {2, 3, 1}); };
  for (const auto& [batch, dim] : {std::pair<int64_t, int64_t>{5, 3}, {3, 5}}) {
    testing::expect_gradient_of_differences(loss, 0.2 * random_embeddings(batch, dim, 0),
                                            0.2 * random_embeddings(batch, dim, 1));
  }
}

// Variance and covariance terms see each view by itself, wherever it is centred.
TEST(VicReg, RegularisersSeeEachViewByItself) {
  const torch::Tensor z1 = random_embeddings(6, 3, 0);
  const torch::Tensor z2 = random_embeddings(6, 3, 1);
  const VicRegWeights regularisers = {0, 1, 1};
  const double loss = vicreg_loss(z1, z2, regularisers).item<double>();
  const torch::Tensor order = torch::tensor({3, 1, 5, 0, 2, 4});
  EXPECT_NEAR(vicreg_loss(z1 + 5, z2 - 3, regularisers).item<double>(), loss, 1e-12);
  EXPECT_NEAR(vicreg_loss(z1.index_select(0, order), z2, regularisers).item<double>(), loss, 1e-12);
  EXPECT_GT(std::abs(vicreg_loss(z1.index_select(0, order), z2, {}).item<double>() -
                     vicreg_loss(z1, z2, {}).item<double>()),
            1e-3);
}

TEST(VicReg, PublishedWeightsAreThoseOfTheAuthorsCode) {
  const VicRegWeights weights = published_weights({25, 25, 1}, 4);
  EXPECT_EQ(weights.invariance, 25.0 / 4);
  EXPECT_EQ(weights.variance, 12.5);
  EXPECT_EQ(weights.covariance, 1);
}

}  // namespace
}  // namespace mkdt
