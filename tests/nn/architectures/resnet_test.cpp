#include <cmath>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/nn/layered_network.h"
#include "tests/nn/architectures/named_parameters.h"
#include "tests/nn/ops/derivatives.h"

namespace mkdt {
namespace {

using testing::NamedParameters;
using testing::random_images;
using testing::random_theta;
using testing::relative_error;

// The first as pytorch-cifar counts for 10 classes, the last as torchvision does for ImageNet; the
// head of 512 outputs has 502·513 more than that of 10.
TEST(ResNetArchitecture, HasTheKnownNumberOfParameters) {
  EXPECT_EQ(LayeredNetwork({"resnet18", 3, 32, 64, 10}).layout().size(), 11'173'962);
  EXPECT_EQ(LayeredNetwork({"resnet18", 3, 32, 64, 512}).layout().size(), 11'173'962 + 502 * 513);
  EXPECT_EQ(LayeredNetwork({"resnet10", 3, 32, 64, 10}).layout().parameters().size(),
            3 + 4 * 6 + 3 * 3 + 2);
  EXPECT_EQ(LayeredNetwork({"resnet18", 3, 224, 64, 1000}).layout().size(), 11'689'512);
}

// Layer by layer, of one block a stage.
void expect_described_layers(int64_t image_size, bool large) {
  const LayeredNetwork network({"resnet10", 2, image_size, 3, 5});
  const torch::Tensor theta = random_theta(network), images = random_images(network, 3);
  const NamedParameters p(network, theta);
  torch::Tensor x = p.unit(images, "conv1", "bn1", large ? 2 : 1).relu();
  EXPECT_EQ(p.at("conv1.weight").size(2), large ? 7 : 3);
  if (large) x = torch::max_pool2d(x, 3, 2, 1);
  for (int stage = 1; stage <= 4; ++stage) {
    const std::string name = "layer" + std::to_string(stage) + ".0.";
    const int64_t stride = stage == 1 ? 1 : 2;
    const torch::Tensor y = p.unit(x, name + "conv1", name + "bn1", stride).relu();
    const torch::Tensor shortcut =
        stage == 1 ? x : p.unit(x, name + "downsample.0", name + "downsample.1", stride);
    x = (p.unit(y, name + "conv2", name + "bn2", 1) + shortcut).relu();
  }
  const torch::Tensor features = x.flatten(2).mean(2);
  EXPECT_EQ(network.feature_dim(), features.size(1));
  const torch::Tensor outputs = p.linear(features, "fc");
  for (const Operators operators : {Operators::kStock, Operators::kFused}) {
    const auto variant = network.with_operators(operators);
    EXPECT_LE(relative_error(variant->features(theta, images), features), 1e-11);
    EXPECT_LE(relative_error(variant->outputs(theta, images), outputs), 1e-11);
  }
}

TEST(ResNetArchitecture, IsWhatTheDescriptionOfItsLayersSays) {
  expect_described_layers(17, false);
  expect_described_layers(96, true);
}

TEST(ResNetArchitecture, InitialisesAsTorchvisionDoes) {
  const LayeredNetwork network({"resnet18", 3, 32, 16, 100});
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

TEST(ResNetArchitecture, ComesBackFromItsDescription) {
  for (const char* const name : {"resnet10", "resnet18"}) {
    const LayeredNetwork network({name, 1, 28, 4, 6});
    const NetworkPtr copy = make_network(network.describe(), "somewhere");
    EXPECT_EQ(copy->describe(), network.describe());
    EXPECT_EQ(copy->layout().size(), network.layout().size());
  }
}

TEST(ResNetArchitecture, RejectsImagesWhoseLastPlaneHasOnePixel) {
  EXPECT_THROW(LayeredNetwork({"resnet10", 3, 15, 4, 6}), Error);
}

}  // namespace
}  // namespace mkdt
