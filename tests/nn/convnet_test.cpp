#include "mkdt/nn/convnet.h"

#include <cmath>

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "tests/fixtures/test_device.h"
#include "tests/nn/ops/derivatives.h"

namespace mkdt {
namespace {

using testing::relative_error;

const std::vector<ConvNetShape> kShapes = {
    {3, 8, 4, 2, 5}, {1, 7, 3, 1, 2}, {2, 13, 5, 3, 4}, {3, 5, 1, 2, 1}, {1, 4, 2, 2, 3}};

// Parameters that are all different from their initial 0 and 1.
torch::Tensor random_theta(const Network& network, uint64_t seed) {
  at::Generator generator = make_generator(seed, "test");
  const torch::Tensor theta = network.initialise(generator).to(torch::kFloat64);
  return testing::on_test_device(theta +
                                 0.2 * torch::randn(theta.sizes(), generator, theta.options()));
}

torch::Tensor random_images(const ConvNetShape& shape, int64_t count) {
  at::Generator generator = make_generator(1, "images");
  return testing::on_test_device(torch::randn(
      {count, shape.channels, shape.image_size, shape.image_size}, generator, torch::kFloat64));
}

TEST(ConvNet, HasThePapersNumberOfParameters) {
  EXPECT_EQ(ConvNet(ConvNetShape{}).layout().size(), 1'348'608);
  EXPECT_EQ(ConvNet(ConvNetShape{}).feature_dim(), 128 * 4 * 4);
}

TEST(ConvNet, NamesItsParametersAsTheAuthorsDo) {
  const ConvNet network({3, 8, 4, 2, 5});
  std::vector<std::string> names;
  for (const ParameterShape& parameter : network.layout().parameters()) {
    names.push_back(parameter.name);
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"features.0.weight", "features.0.bias", "features.1.weight",
                                      "features.1.bias", "features.4.weight", "features.4.bias",
                                      "features.5.weight", "features.5.bias", "classifier.weight",
                                      "classifier.bias"}));
  EXPECT_EQ(network.layout().parameters()[4].shape, (std::vector<int64_t>{4, 4, 3, 3}));
  EXPECT_EQ(network.layout().parameters()[8].shape, (std::vector<int64_t>{5, 4 * 2 * 2}));
}

TEST(ConvNet, OddPlanesAreRoundedDown) {
  EXPECT_EQ(ConvNet({2, 13, 5, 3, 4}).feature_dim(), 5);
  EXPECT_EQ(ConvNet({2, 7, 5, 1, 4}).feature_dim(), 5 * 9);
}

TEST(ConvNet, IsWhatTheDescriptionOfItsLayersSays) {
  for (const ConvNetShape& shape : kShapes) {
    const ConvNet network(shape);
    const torch::Tensor theta = random_theta(network, 3), images = random_images(shape, 4);
    const std::vector<torch::Tensor> p = network.layout().views(theta);
    torch::Tensor x = images;
    for (size_t block = 0; block < static_cast<size_t>(shape.depth); ++block) {
      x = torch::conv2d(x, p[4 * block], p[4 * block + 1], 1, 1);
      x = torch::instance_norm(x, p[4 * block + 2], p[4 * block + 3], {}, {}, true, 0, 1e-5, false);
      x = torch::avg_pool2d(x.clamp_min(0), 2);
    }
    const torch::Tensor features = x.reshape({4, -1});
    const torch::Tensor outputs = features.matmul(p[p.size() - 2].t()) + p.back();
    for (const Operators operators : {Operators::kStock, Operators::kFused}) {
      const auto variant = network.with_operators(operators);
      EXPECT_LE(relative_error(variant->features(theta, images), features),
                testing::rounding(1e-12));
      EXPECT_LE(relative_error(variant->outputs(theta, images), outputs), testing::rounding(1e-12));
    }
  }
}

TEST(ConvNet, OperatorsChangeNeitherValueNorDerivatives) {
  for (const ConvNetShape& shape : kShapes) {
    const ConvNet fused(shape);
    const ConvNet stock(shape, Operators::kStock);
    const testing::Tensors at = {random_theta(fused, 4), random_images(shape, 3)};
    const torch::Tensor cotangent =
        testing::on_test_device(torch::randn({3, shape.outputs}, torch::kFloat64));
    const testing::Tensors directions = {torch::randn_like(at[0]), torch::randn_like(at[1])};
    const auto of = [&](const ConvNet& network) {
      return testing::derivatives(
          [&](const testing::Tensors& t) { return network.outputs(t[0], t[1]); }, at, cotangent,
          directions);
    };
    const testing::Derivatives found = of(fused), expected = of(stock);
    EXPECT_LE(relative_error(found.value, expected.value), testing::rounding(1e-12));
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_LE(relative_error(found.first[i], expected.first[i]), testing::rounding(1e-11)) << i;
    }
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_LE(relative_error(found.second[i], expected.second[i]), testing::rounding(1e-11)) << i;
    }
  }
}

TEST(ConvNet, BiasesInFrontOfTheNormHaveNoGradient) {
  const ConvNet network({3, 8, 4, 2, 5});
  const torch::Tensor theta = random_theta(network, 5).requires_grad_(true);
  const torch::Tensor loss =
      network.outputs(theta, random_images(network.shape(), 2)).square().sum();
  const torch::Tensor gradient = torch::autograd::grad({loss}, {theta})[0];
  const std::vector<torch::Tensor> parts = network.layout().views(gradient);
  EXPECT_EQ(parts[1].abs().max().item<double>(), 0);
  EXPECT_EQ(parts[5].abs().max().item<double>(), 0);
  EXPECT_GT(parts[2].abs().max().item<double>(), 0);
}

TEST(ConvNet, AnImagesOutputDoesNotDependOnItsBatch) {
  const ConvNet network({3, 8, 4, 2, 5});
  const torch::Tensor theta = random_theta(network, 6), images = random_images(network.shape(), 5);
  const torch::Tensor together = network.outputs(theta, images);
  for (int64_t i = 0; i < 5; ++i) {
    const torch::Tensor alone = network.outputs(theta, images.slice(0, i, i + 1));
    EXPECT_LE(relative_error(alone[0], together[i]), testing::rounding(1e-13));
  }
}

TEST(ConvNet, InitialisesAsPyTorchDoes) {
  const ConvNet network({3, 32, 64, 3, 100});
  at::Generator generator = make_generator(7, "test");
  const torch::Tensor theta = network.initialise(generator);
  EXPECT_EQ(theta.scalar_type(), torch::kFloat32);
  const std::vector<torch::Tensor> p = network.layout().views(theta);
  const auto expect_uniform = [](const torch::Tensor& values, double fan_in) {
    const double bound = 1 / std::sqrt(fan_in);
    EXPECT_LE(values.abs().max().item<double>(), bound);
    EXPECT_GE(values.abs().max().item<double>(), 0.9 * bound);
    EXPECT_NEAR(values.mean().item<double>(), 0, 4 * bound / std::sqrt(3.0 * values.numel()));
  };
  for (size_t block = 0; block < 3; ++block) {
    expect_uniform(p[4 * block], block == 0 ? 27 : 64 * 9);
    expect_uniform(p[4 * block + 1], block == 0 ? 27 : 64 * 9);
    EXPECT_TRUE(p[4 * block + 2].eq(1).all().item<bool>());
    EXPECT_TRUE(p[4 * block + 3].eq(0).all().item<bool>());
  }
  expect_uniform(p[12], 64 * 16);
  expect_uniform(p[13], 64 * 16);

  at::Generator same = make_generator(7, "test"), other = make_generator(8, "test");
  EXPECT_TRUE(torch::equal(network.initialise(same), theta));
  EXPECT_FALSE(torch::equal(network.initialise(other), theta));
}

std::string message_for(const ConvNetShape& shape) {
  try {
    const ConvNet network(shape);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(ConvNet, RefusesImpossibleSizes) {
  EXPECT_EQ(message_for({0, 32, 128, 3, 512}), "convnet: channels must not be 0");
  EXPECT_EQ(message_for({3, 32, -1, 3, 512}), "convnet: width must not be -1");
  EXPECT_EQ(message_for({3, 32, 128, 13, 512}), "convnet: depth must not be 13");
  EXPECT_EQ(message_for({3, 32, 128, 3, 0}), "convnet: outputs must not be 0");
  EXPECT_EQ(message_for({3, 7, 128, 3, 512}),
            "convnet: 7×7 images do not fit a depth of 3 (at least 8×8)");
}

}  // namespace
}  // namespace mkdt
