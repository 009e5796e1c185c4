#include "mkdt/nn/residual_net.h"

#include <cmath>

#include <gtest/gtest.h>

#include "mkdt/core/error.h"
#include "mkdt/core/random.h"
#include "mkdt/nn/layers.h"
#include "tests/nn/ops/derivatives.h"

namespace mkdt {
namespace {

using testing::relative_error;

torch::Tensor random_theta(const Network& network) {
  at::Generator generator = make_generator(3, "test");
  const torch::Tensor theta = network.initialise(generator).to(torch::kFloat64);
  return theta + 0.1 * torch::randn(theta.sizes(), generator, theta.options());
}

// torchvision counts 11 173 962 for CIFAR's ResNet-18 with 10 classes; the head of 512 outputs has
// 502·513 more.
TEST(ResidualNet, HasTheKnownNumberOfParameters) {
  EXPECT_EQ(ResidualNet({3, 32, 64, 2, 10}).layout().size(), 11'173'962);
  EXPECT_EQ(ResidualNet({3, 32, 64, 2, 512}).layout().size(), 11'173'962 + 502 * 513);
  EXPECT_EQ(ResidualNet({3, 32, 64, 1, 10}).layout().parameters().size(), 3 + 4 * 6 + 3 * 3 + 2);
}

// Layer by layer, of one block a stage.
TEST(ResidualNet, IsWhatTheDescriptionOfItsLayersSays) {
  const ResidualNet network({2, 17, 3, 1, 5});
  const torch::Tensor theta = random_theta(network);
  std::map<std::string, torch::Tensor> p;
  const std::vector<torch::Tensor> views = network.layout().views(theta);
  for (size_t i = 0; i < views.size(); ++i) p[network.layout().parameters()[i].name] = views[i];
  const auto unit = [&](const torch::Tensor& x, const std::string& convolution,
                        const std::string& norm, int64_t stride) {
    const torch::Tensor& weight = p.at(convolution + ".weight");
    return torch::instance_norm(torch::conv2d(x, weight, {}, stride, weight.size(2) / 2),
                                p.at(norm + ".weight"), p.at(norm + ".bias"), {}, {}, true, 0,
                                kNormEps, false);
  };
  const torch::Tensor images = torch::randn({3, 2, 17, 17}, torch::kFloat64);
  torch::Tensor x = unit(images, "conv1", "bn1", 1).relu();
  for (int stage = 1; stage <= 4; ++stage) {
    const std::string name = "layer" + std::to_string(stage) + ".0.";
    const int64_t stride = stage == 1 ? 1 : 2;
    const torch::Tensor y = unit(x, name + "conv1", name + "bn1", stride).relu();
    const torch::Tensor shortcut =
        stage == 1 ? x : unit(x, name + "downsample.0", name + "downsample.1", stride);
    x = (unit(y, name + "conv2", name + "bn2", 1) + shortcut).relu();
  }
  const torch::Tensor features = x.flatten(2).mean(2);
  EXPECT_EQ(network.feature_dim(), features.size(1));
  const torch::Tensor outputs = features.mm(p.at("fc.weight").t()) + p.at("fc.bias");
  for (const Operators operators : {Operators::kStock, Operators::kFused}) {
    const auto variant = network.with_operators(operators);
    EXPECT_LE(relative_error(variant->features(theta, images), features), 1e-11);
    EXPECT_LE(relative_error(variant->outputs(theta, images), outputs), 1e-11);
  }
}

TEST(ResidualNet, InitialisesAsTorchvisionDoes) {
  const ResidualNet network({3, 32, 16, 2, 100});
  at::Generator generator = make_generator(7, "test");
  const torch::Tensor theta = network.initialise(generator);
  const std::vector<torch::Tensor> views = network.layout().views(theta);
  for (size_t i = 0; i < views.size(); ++i) {
    const ParameterShape& parameter = network.layout().parameters()[i];
    if (parameter.shape.size() == 4) {
      const double fan_out =
          static_cast<double>(parameter.shape[0] * parameter.shape[2] * parameter.shape[3]);
      const double std = std::sqrt(2 / fan_out), count = static_cast<double>(views[i].numel());
      EXPECT_NEAR(views[i].std().item<double>(), std, 4 * std / std::sqrt(2 * count))
          << parameter.name;
    } else if (parameter.name.rfind("fc.", 0) == 0) {
      EXPECT_LE(views[i].abs().max().item<double>(), 1 / std::sqrt(128.0));
      EXPECT_GE(views[i].abs().max().item<double>(), 0.9 / std::sqrt(128.0));
    } else {
      const double expected = parameter.name.find("weight") != std::string::npos ? 1 : 0;
      EXPECT_TRUE(views[i].eq(expected).all().item<bool>()) << parameter.name;
    }
  }
}

TEST(ResidualNet, ComesBackFromItsDescription) {
  for (const int64_t blocks : {1, 2}) {
    const ResidualNet network({1, 28, 4, blocks, 6});
    const NetworkPtr copy = make_network(network.describe(), "somewhere");
    EXPECT_EQ(copy->describe(), network.describe());
    EXPECT_EQ(copy->layout().size(), network.layout().size());
  }
}

TEST(ResidualNet, RejectsImagesWhoseLastPlaneHasOnePixel) {
  EXPECT_THROW(ResidualNet({3, 15, 4, 1, 6}), Error);
}

}  // namespace
}  // namespace mkdt
