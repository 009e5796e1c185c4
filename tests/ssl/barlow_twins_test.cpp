#include "mkdt/ssl/barlow_twins.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/utils.h>

#include "mkdt/core/error.h"
#include "mkdt/core/random.h"

namespace mkdt {
namespace {

torch::Tensor random_embeddings(int64_t batch, int64_t dim, uint64_t index) {
  at::Generator generator = make_generator(3, "test/embeddings", index);
  return at::randn({batch, dim}, generator, torch::TensorOptions(torch::kFloat64)) * 2 + 1;
}

// The paper's equations, element by element.
double plain_loss(torch::Tensor z1, torch::Tensor z2, double lambda) {
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
      const double expected = plain_loss(z1, z2, lambda);
      EXPECT_NEAR(barlow_twins_loss(z1, z2, lambda).item<double>(), expected, 1e-12 * expected);
    }
  }
}

TEST(BarlowTwins, GradientIsThatOfFiniteDifferences) {
  for (const auto& [batch, dim] : {std::pair<int64_t, int64_t>{5, 3}, {3, 5}}) {
    torch::Tensor z1 = random_embeddings(batch, dim, 0).requires_grad_();
    torch::Tensor z2 = random_embeddings(batch, dim, 1).requires_grad_();
    barlow_twins_loss(z1, z2, 0.1).backward();
    const torch::NoGradGuard no_grad;
    for (torch::Tensor* z : {&z1, &z2}) {
      torch::Tensor values = z->view(-1);
      for (int64_t i = 0; i < values.numel(); ++i) {
        const double h = 1e-5;
        values[i] += h;
        const double above = barlow_twins_loss(z1, z2, 0.1).item<double>();
        values[i] -= 2 * h;
        const double below = barlow_twins_loss(z1, z2, 0.1).item<double>();
        values[i] += h;
        EXPECT_NEAR(z->grad().view(-1)[i].item<double>(), (above - below) / (2 * h), 1e-8);
      }
    }
  }
}

TEST(BarlowTwins, IdenticalDecorrelatedViewsCostNothing) {
  // Columns of a Hadamard matrix: mean 0, variance 1, orthogonal.
  const torch::Tensor z = torch::tensor(
      {{1.0, 1.0, 1.0}, {-1.0, 1.0, -1.0}, {1.0, -1.0, -1.0}, {-1.0, -1.0, 1.0}}, torch::kFloat64);
  EXPECT_NEAR(barlow_twins_loss(z, z, 5e-3).item<double>(), 0, 1e-8);
  EXPECT_NEAR(barlow_twins_loss(z, -z, 0).item<double>(), 12, 1e-3);
}

TEST(BarlowTwins, ProjectorHasThreeLayers) {
  at::Generator generator = make_generator(1, "test/projector");
  BarlowTwins algorithm(6, 5, 5e-3, generator);
  std::vector<std::string> names;
  for (const auto& item : algorithm.named_parameters()) names.push_back(item.key());
  EXPECT_EQ(names, (std::vector<std::string>{"projector.0.weight", "projector.1.weight",
                                             "projector.1.bias", "projector.3.weight",
                                             "projector.4.weight", "projector.4.bias",
                                             "projector.6.weight"}));
  EXPECT_LE(algorithm.named_parameters()["projector.0.weight"].abs().max().item<double>(),
            1 / std::sqrt(6.0));
}

TEST(BarlowTwins, IsMadeByName) {
  at::Generator generator = make_generator(1, "test/projector");
  TeacherOptions options;
  options.projector_dim = 8;
  const auto algorithm = make_ssl_algorithm(options, 16, generator);
  EXPECT_NE(std::dynamic_pointer_cast<BarlowTwins>(algorithm), nullptr);
  options.algorithm = "guessing";
  EXPECT_THROW(make_ssl_algorithm(options, 16, generator), Error);
}

}  // namespace
}  // namespace mkdt
