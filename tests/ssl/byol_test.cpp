#include "mkdt/ssl/byol.h"

#include <cmath>

#include <gtest/gtest.h>

#include "mkdt/nn/backbones/backbone.h"
#include "tests/ssl/loss_checks.h"

namespace mkdt {
namespace {

using testing::random_embeddings;

// Equation 2 of the paper, element by element.
double plain_byol(const torch::Tensor& prediction, const torch::Tensor& target) {
  const testing::Rows q = testing::rows_of(prediction);
  const testing::Rows z = testing::rows_of(target);
  double loss = 0;
  for (size_t i = 0; i < q.size(); ++i) {
    const double q_length = std::sqrt(testing::dot(q[i], q[i]));
    const double z_length = std::sqrt(testing::dot(z[i], z[i]));
    for (size_t j = 0; j < q[i].size(); ++j) {
      loss += std::pow(q[i][j] / q_length - z[i][j] / z_length, 2) / static_cast<double>(q.size());
    }
  }
  return loss;
}

BackboneShape small_shape() {
  BackboneShape shape;
  shape.architecture = "resnet10";
  shape.image_size = 16;
  shape.width = 4;
  return shape;
}

struct Trained {
  std::shared_ptr<Backbone> encoder;
  std::shared_ptr<Byol> algorithm;
};

Trained make_byol(double ema) {
  at::Generator generator = make_generator(1, "test/byol");
  Trained made;
  made.encoder = make_backbone(small_shape(), generator);
  made.algorithm = std::make_shared<Byol>(small_shape(), *made.encoder, ProjectorShape{2, 16, 8},
                                          ema, generator);
  return made;
}

TwoViews make_views(Backbone& encoder) {
  at::Generator generator = make_generator(2, "test/views");
  TwoViews views;
  views.images1 = at::randn({6, 3, 16, 16}, generator, torch::TensorOptions(torch::kFloat32));
  views.images2 = at::randn({6, 3, 16, 16}, generator, torch::TensorOptions(torch::kFloat32));
  views.features1 = encoder.features(views.images1);
  views.features2 = encoder.features(views.images2);
  return views;
}

TEST(Byol, LossIsThePapers) {
  const torch::Tensor q = random_embeddings(7, 4, 0);
  const torch::Tensor z = random_embeddings(7, 4, 1);
  EXPECT_NEAR(byol_loss(q, z).item<double>(), plain_byol(q, z), 1e-12);
  EXPECT_NEAR(byol_loss(q, 3 * q).item<double>(), 0, 1e-12);  // lengths do not count
  EXPECT_NEAR(byol_loss(q, -q).item<double>(), 4, 1e-12);
}

TEST(Byol, GradientIsThatOfFiniteDifferencesAndStopsAtTheTarget) {
  testing::expect_gradient_of_differences(byol_loss, random_embeddings(5, 3, 0),
                                          random_embeddings(5, 3, 1), /*second=*/false);
  const torch::Tensor q = random_embeddings(5, 3, 0).requires_grad_();
  const torch::Tensor z = random_embeddings(5, 3, 1).requires_grad_();
  byol_loss(q, z).backward();
  EXPECT_FALSE(z.grad().defined());
}

TEST(Byol, EmaRisesToOneAlongACosine) {
  EXPECT_DOUBLE_EQ(byol_ema(0.99, 0), 0.99);
  EXPECT_DOUBLE_EQ(byol_ema(0.99, 0.5), 0.995);
  EXPECT_DOUBLE_EQ(byol_ema(0.99, 1), 1);
}

TEST(Byol, LossIsBothPredictions) {
  const Trained trained = make_byol(0.9);
  const TwoViews views = make_views(*trained.encoder);
  const auto modules = trained.algorithm->named_children();
  const auto apply = [&](const char* name, const torch::Tensor& x) {
    return modules[name]->as<Projector>()->forward(x, /*mixed_precision=*/false);
  };
  // The target starts as the online network, so its projections are those of the features.
  const torch::Tensor p1 = apply("projector", views.features1);
  const torch::Tensor p2 = apply("projector", views.features2);
  const double expected = byol_loss(apply("predictor", p1), p2).item<double>() +
                          byol_loss(apply("predictor", p2), p1).item<double>();
  const SslLoss loss = trained.algorithm->loss(views);
  EXPECT_NEAR(loss.value.item<double>(), expected, 1e-4);
  EXPECT_TRUE(torch::allclose(loss.embeddings, p1, 1e-4, 1e-5));
}

TEST(Byol, TheTargetIsAMovingAverageWithoutGradient) {
  const Trained trained = make_byol(0.75);
  trained.algorithm->loss(make_views(*trained.encoder)).value.backward();
  const auto state = [&] { return module_state(*trained.algorithm); };
  const auto before = state();
  for (const auto& item : trained.algorithm->named_parameters()) {
    const bool target = item.key().rfind("target_", 0) == 0;
    EXPECT_EQ(item.value().requires_grad(), !target) << item.key();
    EXPECT_EQ(item.value().grad().defined(), !target) << item.key();
  }
  {
    const torch::NoGradGuard no_grad;
    trained.encoder->named_parameters()["conv1.weight"].add_(1);
  }
  trained.algorithm->after_step(*trained.encoder, 0);
  const torch::Tensor moved =
      state().at("target_encoder.conv1.weight") - before.at("target_encoder.conv1.weight");
  EXPECT_TRUE(torch::allclose(moved, torch::full_like(moved, 0.25), 1e-5, 1e-6));
}

}  // namespace
}  // namespace mkdt
