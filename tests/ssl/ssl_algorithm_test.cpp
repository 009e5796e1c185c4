#include "mkdt/ssl/ssl_algorithm.h"

#include <cmath>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/ssl/losses.h"
#include "tests/ssl/loss_checks.h"

namespace mkdt {
namespace {

// The sizes of what lies between encoder and objective, as the options make it.
std::vector<int64_t> projector_outputs(const AlgorithmOptions& options) {
  at::Generator generator = make_generator(1, "test/algorithm");
  BackboneShape shape;
  shape.architecture = "resnet10";
  shape.image_size = 16;
  shape.width = 4;
  const auto encoder = make_backbone(shape, generator);
  const auto algorithm = make_ssl_algorithm(options, shape, *encoder, generator);
  std::vector<int64_t> outputs;
  for (const auto& item : algorithm->named_parameters()) {
    const bool projector = item.key().rfind("projector.", 0) == 0;
    if (projector && item.value().dim() == 2) outputs.push_back(item.value().size(0));
  }
  return outputs;
}

TEST(SslAlgorithm, HasThePapersProjectors) {
  using Sizes = std::vector<int64_t>;
  AlgorithmOptions options;
  EXPECT_EQ(projector_outputs(options), (Sizes{2048, 2048, 2048}));
  options.algorithm = "simclr";
  EXPECT_EQ(projector_outputs(options), (Sizes{2048, 128}));
  options.algorithm = "vicreg";
  EXPECT_EQ(projector_outputs(options), (Sizes{2048, 2048, 2048}));
  options.algorithm = "byol";
  EXPECT_EQ(projector_outputs(options), (Sizes{4096, 256}));
}

TEST(SslAlgorithm, OptionsChangeTheProjector) {
  using Sizes = std::vector<int64_t>;
  AlgorithmOptions options;
  options.projector_dim = 8;
  EXPECT_EQ(projector_outputs(options), (Sizes{8, 8, 8}));
  options.algorithm = "simclr";
  options.projector_layers = 4;
  options.projector_output = 5;
  EXPECT_EQ(projector_outputs(options), (Sizes{8, 8, 8, 5}));
}

// A projector of one layer, so that embeddings are features times its weight.
struct OneLayer {
  explicit OneLayer(AlgorithmOptions options) {
    at::Generator generator = make_generator(1, "test/algorithm");
    const BackboneShape shape = {"resnet10", 16, 4, 0};
    const auto encoder = make_backbone(shape, generator);
    options.projector_layers = 1;
    options.projector_output = 6;
    const auto algorithm = make_ssl_algorithm(options, shape, *encoder, generator);
    TwoViews views;
    views.features1 = testing::random_embeddings(8, 32, 0).to(torch::kFloat32);
    views.features2 = testing::random_embeddings(8, 32, 1).to(torch::kFloat32);
    const torch::Tensor weight = algorithm->named_parameters()["projector.0.weight"].detach();
    z1 = views.features1.mm(weight.t());
    z2 = views.features2.mm(weight.t());
    loss = algorithm->loss(views).value.item<double>();
  }
  torch::Tensor z1, z2;
  double loss;
};

void expect_loss(double found, const torch::Tensor& expected) {
  EXPECT_NEAR(found, expected.item<double>(), 1e-4 * std::abs(expected.item<double>()));
}

TEST(SslAlgorithm, OptionsReachTheLoss) {
  AlgorithmOptions options;
  options.lambda = 0.3;
  const OneLayer barlow_twins(options);
  expect_loss(barlow_twins.loss, barlow_twins_loss(barlow_twins.z1, barlow_twins.z2, 0.3));

  options.algorithm = "simclr";
  options.temperature = 0.2;
  const OneLayer simclr(options);
  expect_loss(simclr.loss, nt_xent_loss(simclr.z1, simclr.z2, 0.2));

  options.algorithm = "vicreg";
  options.invariance = 12;
  options.variance = 8;
  options.covariance = 3;
  const OneLayer vicreg(options);
  expect_loss(vicreg.loss, vicreg_loss(vicreg.z1, vicreg.z2, {2, 4, 3}));
}

TEST(SslAlgorithm, TheMovingAverageIsAnOption) {
  for (const double ema : {0.5, 0.9}) {
    at::Generator generator = make_generator(1, "test/algorithm");
    const BackboneShape shape = {"resnet10", 16, 4, 0};
    const auto encoder = make_backbone(shape, generator);
    AlgorithmOptions options;
    options.algorithm = "byol";
    options.projector_dim = 8;
    options.ema = ema;
    const auto algorithm = make_ssl_algorithm(options, shape, *encoder, generator);
    const torch::NoGradGuard no_grad;
    const auto target = algorithm->named_parameters()["target_encoder.conv1.weight"].clone();
    encoder->named_parameters()["conv1.weight"].add_(1);
    algorithm->after_step(*encoder, 0);
    const auto moved = algorithm->named_parameters()["target_encoder.conv1.weight"] - target;
    EXPECT_NEAR(moved.mean().item<double>(), 1 - ema, 1e-5);
  }
}

TEST(SslAlgorithm, RejectsOthers) {
  AlgorithmOptions options;
  options.algorithm = "guessing";
  EXPECT_THROW(projector_outputs(options), Error);
}

}  // namespace
}  // namespace mkdt
