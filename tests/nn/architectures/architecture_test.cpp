// What holds for every architecture.
#include "mkdt/nn/architectures/architecture.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "mkdt/base/error.h"
#include "mkdt/nn/regression.h"
#include "tests/nn/architectures/named_parameters.h"
#include "tests/nn/ops/derivatives.h"

namespace mkdt {
namespace {

using testing::random_images;
using testing::random_theta;
using testing::relative_error;

// Small ones.
LayeredShape shape_of(const std::string& architecture, int64_t image_size, int64_t outputs = 5) {
  const int64_t width = architecture == "vit-tiny" ? 12 : 4;
  return {architecture, 3, image_size, width, outputs};
}

class EveryArchitecture : public ::testing::TestWithParam<std::string> {};

int64_t expected_features(const std::string& architecture, int64_t image_size) {
  if (architecture == "vit-tiny") return 12;
  if (architecture == "mobilenet-v2") return 1280 / 8;
  if (architecture == "alexnet") {
    const int64_t side = std::min<int64_t>(image_size / 8, 4);
    return image_size < 96 ? 6 * side * side : 16;
  }
  return 32;
}

TEST_P(EveryArchitecture, HasTheFeaturesAndOutputsThatItSays) {
  for (const int64_t size : {16, 28, 32, 64, 96, 128, 224}) {
    const LayeredNetwork network(shape_of(GetParam(), size));
    EXPECT_EQ(network.feature_dim(), expected_features(GetParam(), size)) << size;
    EXPECT_EQ(network.output_dim(), 5);
    EXPECT_EQ(network.image_size(), size);
    if (size > 96) continue;
    const torch::NoGradGuard no_grad;
    const torch::Tensor theta = random_theta(network, 0), images = random_images(network, 2);
    const torch::Tensor features = network.features(theta, images);
    EXPECT_EQ(features.sizes(), (std::vector<int64_t>{2, network.feature_dim()})) << size;
    EXPECT_GT(features.std().item<double>(), 0) << size;
    EXPECT_EQ(network.outputs(theta, images).sizes(), (std::vector<int64_t>{2, 5})) << size;
  }
}

// Of a parameter whose effect the next instance norm takes away: a bias of VGG11's convolutions,
// which is left out, and the shift behind MobileNetV2's linear bottlenecks.
enum class Effect { kSome, kNone, kNoneUpToRounding };

Effect effect_of(const std::string& architecture, const ParameterLayout& layout, size_t i) {
  const auto is_projection = [&](size_t one) {
    const ParameterShape& p = layout.parameters()[one];
    return p.shape.size() == 4 && p.shape[2] == 1 && p.shape[0] < p.shape[1];
  };
  if (architecture == "vgg11" && i > 0 && i + 2 < layout.parameters().size() &&
      layout.parameters()[i - 1].shape.size() == 4) {
    return Effect::kNone;
  }
  if (architecture == "mobilenet-v2" && i > 1 && is_projection(i - 2)) {
    return Effect::kNoneUpToRounding;
  }
  return Effect::kSome;
}

TEST_P(EveryArchitecture, GivesEveryParameterAGradient) {
  const LayeredNetwork network(shape_of(GetParam(), 32));
  const torch::Tensor theta = random_theta(network).requires_grad_(true);
  const torch::Tensor loss = network.outputs(theta, random_images(network, 4)).square().sum();
  const torch::Tensor gradient = torch::autograd::grad({loss}, {theta})[0];
  const std::vector<torch::Tensor> views = network.layout().views(gradient);
  for (size_t i = 0; i < views.size(); ++i) {
    const std::string& name = network.layout().parameters()[i].name;
    EXPECT_TRUE(views[i].isfinite().all().item<bool>()) << name;
    const double largest = views[i].abs().max().item<double>();
    switch (effect_of(GetParam(), network.layout(), i)) {
      case Effect::kSome:
        EXPECT_GT(largest, 1e-9) << name;
        break;
      case Effect::kNone:
        EXPECT_EQ(largest, 0) << name;
        break;
      case Effect::kNoneUpToRounding:
        EXPECT_LT(largest, 1e-12) << name;
        break;
    }
  }
}

// The fused operators' first and second derivatives are the stock operators'.
TEST_P(EveryArchitecture, HasSecondDerivatives) {
  const LayeredNetwork fused(shape_of(GetParam(), 16, 2));
  const auto stock = fused.with_operators(Operators::kStock);
  const testing::Tensors at = {random_theta(fused), random_images(fused, 2)};
  at::Generator generator = make_generator(2, "directions");
  const torch::Tensor cotangent = torch::randn({2, 2}, generator, torch::kFloat64);
  const testing::Tensors directions = {torch::randn(at[0].sizes(), generator, torch::kFloat64),
                                       torch::randn(at[1].sizes(), generator, torch::kFloat64)};
  const auto of = [&](const Network& network) {
    return testing::derivatives(
        [&](const testing::Tensors& t) { return network.outputs(t[0], t[1]); }, at, cotangent,
        directions);
  };
  const testing::Derivatives found = of(fused), expected = of(*stock);
  EXPECT_LE(relative_error(found.value, expected.value), 1e-10);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_LE(relative_error(found.first[i], expected.first[i]), 1e-8) << i;
  }
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(found.second[i].isfinite().all().item<bool>()) << i;
    EXPECT_GT(found.second[i].abs().max().item<double>(), 0) << i;
    EXPECT_LE(relative_error(found.second[i], expected.second[i]), 1e-8) << i;
  }
}

TEST_P(EveryArchitecture, TreatsEveryImageByItself) {
  const LayeredNetwork network(shape_of(GetParam(), 32));
  const torch::Tensor theta = random_theta(network), images = random_images(network, 3);
  const torch::Tensor together = network.outputs(theta, images);
  for (int64_t i = 0; i < 3; ++i) {
    const torch::Tensor alone = network.outputs(theta, images.slice(0, i, i + 1));
    EXPECT_LE(relative_error(alone[0], together[i]), 1e-11);
  }
  EXPECT_GT((together[0] - together[1]).abs().max().item<double>(), 1e-6);
}

TEST_P(EveryArchitecture, LearnsTwoImagesByHeart) {
  LayeredShape shape = shape_of(GetParam(), 16, 3);
  shape.width *= shape.architecture == "vit-tiny" ? 4 : 2;
  shape.patch = 8;  // of the one that has patches
  const LayeredNetwork network(shape);
  at::Generator generator = make_generator(4, "overfit");
  Student student = {network.initialise(generator), {}};
  const torch::Tensor images = torch::randn({2, 3, 16, 16}, generator);
  const torch::Tensor targets = torch::randn({2, 3}, generator);
  const SgdOptions options = {0.02, 0.9, 0};
  const double start = sgd_step(network, student, images, targets, options);
  double loss = start;
  for (int step = 0; step < 100 && loss > 0.02 * start; ++step) {
    loss = sgd_step(network, student, images, targets, options);
  }
  EXPECT_LE(loss, 0.02 * start);
}

TEST_P(EveryArchitecture, ComesBackFromItsDescription) {
  for (const int64_t size : {28, 96}) {
    const LayeredNetwork network(shape_of(GetParam(), size));
    const NetworkPtr copy = make_network(network.describe(), "somewhere");
    EXPECT_EQ(copy->describe(), network.describe());
    EXPECT_EQ(copy->layout().size(), network.layout().size());
    EXPECT_EQ(network.describe().count("patch"), GetParam() == "vit-tiny" ? 1 : 0);
    const NetworkPtr variant = network.with_operators(Operators::kStock);
    EXPECT_EQ(variant->describe(), network.describe());
    EXPECT_EQ(variant->operators(), Operators::kStock);
  }
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Architecture& one : layered_architectures()) all.push_back(one.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Architectures, EveryArchitecture, ::testing::ValuesIn(names()),
                         [](const auto& test) {
                           std::string name = test.param;
                           for (char& letter : name) {
                             if (letter == '-') letter = '_';
                           }
                           return name;
                         });

int64_t parameters(const LayeredShape& shape) { return LayeredNetwork(shape).layout().size(); }

// The counts that torchvision's documentation gives with its weights, for 1000 classes, where the
// network is the whole of it; timm's for vit_tiny_patch16_224.
TEST(Architectures, HaveThePublishedNumbersOfParameters) {
  EXPECT_EQ(parameters({"mobilenet-v2", 3, 224, 32, 1000}), 3'504'872);
  EXPECT_EQ(parameters({"vit-tiny", 3, 224, 192, 1000}), 5'717'416);
  // vgg11_bn and alexnet without their classifiers of three layers, with our head of one.
  const int64_t classifier = 4096 * 4097 + 1000 * 4097;
  EXPECT_EQ(parameters({"vgg11", 3, 224, 64, 1000}),
            132'868'840 - 4096 * (512 * 49 + 1) - classifier + 1000 * 513);
  EXPECT_EQ(parameters({"alexnet", 3, 224, 64, 1000}),
            61'100'840 - 4096 * (256 * 36 + 1) - classifier + 1000 * 257);
  // For CIFAR with 10 classes: pytorch-cifar's VGG11 and, with the projections that it has in
  // shortcuts and the expansion by 1 that the paper has not, its MobileNetV2; the AlexNet of the
  // dataset condensation code.
  EXPECT_EQ(parameters({"vgg11", 3, 32, 64, 10}), 9'231'114);
  const int64_t projections =
      (32 * 16 + 2 * 16) + (16 * 24 + 2 * 24) + (64 * 96 + 2 * 96) + (160 * 320 + 2 * 320);
  EXPECT_EQ(parameters({"mobilenet-v2", 3, 32, 32, 10}),
            2'296'922 - projections - (32 * 32 + 2 * 32));
  EXPECT_EQ(parameters({"alexnet", 3, 32, 128, 10}), 1'872'202);
}

std::string message_for(const LayeredShape& shape) {
  try {
    const LayeredNetwork network(shape);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Architectures, RefuseImpossibleSizes) {
  EXPECT_EQ(message_for({"vgg11", 3, 15, 8, 5}), "vgg11: the image size must not be 15");
  EXPECT_EQ(message_for({"resnet10", 3, 32, 0, 5}), "resnet10: width must not be 0");
  EXPECT_EQ(message_for({"mobilenet-v2", 3, 32, 30, 5}),
            "mobilenet-v2: expected a width that is a multiple of 4, got 30");
  EXPECT_EQ(message_for({"alexnet", 3, 32, 9, 5}),
            "alexnet: expected a width that is a multiple of 2, got 9");
  EXPECT_EQ(message_for({"alexnet", 3, 96, 9, 5}), "no error");
  EXPECT_EQ(message_for({"vit-tiny", 3, 32, 16, 5}),
            "vit-tiny: expected a width that is a multiple of 3, got 16");
  EXPECT_EQ(message_for({"vit-tiny", 3, 32, 12, 5, 5}),
            "vit-tiny: expected a patch that 32 pixels are a multiple of, got 5");
  EXPECT_EQ(message_for({"lenet", 3, 32, 12, 5}), "architecture 'lenet' is not known");
}

}  // namespace
}  // namespace mkdt
