#include <cmath>

#include <gtest/gtest.h>

#include "mkdt/ssl/losses.h"
#include "tests/ssl/loss_checks.h"

namespace mkdt {
namespace {

using testing::random_embeddings;

// Equation 1 and algorithm 1 of the paper, element by element.
double plain_simclr(const torch::Tensor& z1, const torch::Tensor& z2, double temperature) {
  const testing::Rows z = testing::rows_of(torch::cat({z1, z2}));
  const size_t views = z.size();
  const auto similarity = [&](size_t i, size_t k) {
    return testing::dot(z[i], z[k]) /
           std::sqrt(testing::dot(z[i], z[i]) * testing::dot(z[k], z[k]));
  };
  double loss = 0;
  for (size_t i = 0; i < views; ++i) {
    const size_t j = (i + views / 2) % views;
    double others = 0;
    for (size_t k = 0; k < views; ++k) {
      if (k != i) others += std::exp(similarity(i, k) / temperature);
    }
    loss -= std::log(std::exp(similarity(i, j) / temperature) / others);
  }
  return loss / static_cast<double>(views);
}

TEST(SimClr, LossIsThePapers) {
  for (const auto& [batch, dim] : {std::pair<int64_t, int64_t>{7, 4}, {2, 9}}) {
    const torch::Tensor z1 = random_embeddings(batch, dim, 0);
    const torch::Tensor z2 = z1 + 0.5 * random_embeddings(batch, dim, 1);
    for (const double temperature : {0.1, 0.5, 2.0}) {
      const double expected = plain_simclr(z1, z2, temperature);
      EXPECT_NEAR(nt_xent_loss(z1, z2, temperature).item<double>(), expected, 1e-12 * expected);
    }
  }
}

TEST(SimClr, GradientIsThatOfFiniteDifferences) {
  const auto loss = [](const auto& z1, const auto& z2) { return nt_xent_loss(z1, z2, 0.5); };
  testing::expect_gradient_of_differences(loss, random_embeddings(4, 3, 0),
                                          random_embeddings(4, 3, 1));
}

// Similarities are cosines, and the two views play the same part.
TEST(SimClr, SeesAnglesOnly) {
  const torch::Tensor z1 = random_embeddings(5, 3, 0);
  const torch::Tensor z2 = random_embeddings(5, 3, 1);
  const double loss = nt_xent_loss(z1, z2, 0.5).item<double>();
  const torch::Tensor lengths = torch::rand({5, 1}, torch::kFloat64) + 0.1;
  const torch::Tensor turn = std::get<0>(torch::linalg_qr(random_embeddings(3, 3, 2)));
  EXPECT_NEAR(nt_xent_loss(z1 * lengths, z2, 0.5).item<double>(), loss, 1e-12);
  EXPECT_NEAR(nt_xent_loss(z1.mm(turn), z2.mm(turn), 0.5).item<double>(), loss, 1e-12);
  EXPECT_NEAR(nt_xent_loss(z2, z1, 0.5).item<double>(), loss, 1e-12);
  EXPECT_GT(std::abs(nt_xent_loss(z1.mm(turn), z2, 0.5).item<double>() - loss), 1e-3);
}

TEST(SimClr, EqualEmbeddingsAreAGuessAmongTheOthers) {
  const torch::Tensor z = torch::ones({4, 3}, torch::kFloat64);
  EXPECT_NEAR(nt_xent_loss(z, z, 0.5).item<double>(), std::log(7.0), 1e-12);
}

}  // namespace
}  // namespace mkdt
