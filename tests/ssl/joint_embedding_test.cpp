#include <cmath>

#include <gtest/gtest.h>

#include "mkdt/ssl/ssl_algorithm.h"
#include "tests/ssl/loss_checks.h"

namespace mkdt {
namespace {

torch::Tensor features(uint64_t index) {
  return testing::random_embeddings(5, 6, index).to(torch::kFloat32);
}

TEST(JointEmbedding, LossIsOfTheProjectedFeatures) {
  at::Generator generator = make_generator(1, "test/projector");
  const auto loss = [](const auto& z1, const auto& z2) { return (z1 - 2 * z2).sum(); };
  JointEmbedding algorithm(6, {1, 8, 4}, loss, generator);
  TwoViews views;
  views.features1 = features(0);
  views.features2 = features(1);
  const torch::Tensor weight = algorithm.named_parameters()["projector.0.weight"].detach();
  const torch::Tensor z1 = views.features1.mm(weight.t());
  const torch::Tensor z2 = views.features2.mm(weight.t());
  const SslLoss found = algorithm.loss(views);
  EXPECT_NEAR(found.value.item<double>(), loss(z1, z2).item<double>(), 1e-4);
  EXPECT_TRUE(torch::allclose(found.embeddings, z1, 1e-5, 1e-6));
}

TEST(JointEmbedding, ProjectorHasNormsAndNoBiases) {
  at::Generator generator = make_generator(1, "test/projector");
  JointEmbedding algorithm(6, {3, 5, 4}, {}, generator);
  std::vector<std::string> names;
  for (const auto& item : algorithm.named_parameters()) names.push_back(item.key());
  EXPECT_EQ(names, (std::vector<std::string>{"projector.0.weight", "projector.1.weight",
                                             "projector.1.bias", "projector.3.weight",
                                             "projector.4.weight", "projector.4.bias",
                                             "projector.6.weight"}));
  EXPECT_EQ(algorithm.named_parameters()["projector.6.weight"].sizes(), at::IntArrayRef({4, 5}));
  EXPECT_LE(algorithm.named_parameters()["projector.0.weight"].abs().max().item<double>(),
            1 / std::sqrt(6.0));
}

}  // namespace
}  // namespace mkdt
