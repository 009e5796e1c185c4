#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/nn/convnet.h"
#include "tests/nn/ops/derivatives.h"

namespace mkdt {
namespace {

using testing::relative_error;

// (x − mean)/√(variance + eps) over the last dimension.
torch::Tensor standardised(const torch::Tensor& x) {
  const torch::Tensor centred = x - x.mean(-1, true);
  return centred / (centred.square().mean(-1, true) + kNormEps).sqrt();
}

TEST(Normalise, TakesItsStatisticsFromTheRightValues) {
  torch::manual_seed(1);
  const torch::Tensor x = torch::randn({3, 8, 4, 5}, torch::kFloat64) + 2;
  const torch::Tensor weight = torch::randn({8}, torch::kFloat64);
  const torch::Tensor bias = torch::randn({8}, torch::kFloat64);
  const auto affine = [&](const torch::Tensor& y) {
    return y.reshape(x.sizes()) * weight.view({8, 1, 1}) + bias.view({8, 1, 1});
  };
  EXPECT_LE(relative_error(normalise(Norm::kInstance, x, weight, bias),
                           affine(standardised(x.reshape({24, 20})))),
            1e-12);
  EXPECT_LE(relative_error(normalise(Norm::kGroup, x, weight, bias),
                           affine(standardised(x.reshape({3 * kNormGroups, 40})))),
            1e-12);
  const torch::Tensor weights = torch::randn({8, 4, 5}, torch::kFloat64);
  const torch::Tensor biases = torch::randn({8, 4, 5}, torch::kFloat64);
  EXPECT_LE(relative_error(normalise(Norm::kLayer, x, weights, biases),
                           standardised(x.reshape({3, 160})).reshape(x.sizes()) * weights + biases),
            1e-12);
  EXPECT_TRUE(torch::equal(normalise(Norm::kNone, x, {}, {}), x));
}

TEST(Activate, IsTheFormula) {
  const torch::Tensor x = torch::linspace(-3, 3, 7, torch::kFloat64);
  const torch::Tensor logistic = 1 / (1 + (-x).exp());
  EXPECT_TRUE(torch::equal(activate(Activation::kRelu, x), x.clamp_min(0)));
  EXPECT_TRUE(torch::equal(activate(Activation::kLeakyRelu, x), x.maximum(kLeakySlope * x)));
  EXPECT_LE(relative_error(activate(Activation::kSwish, x), x * logistic), 1e-14);
  EXPECT_LE(relative_error(activate(Activation::kSigmoid, x), logistic), 1e-14);
}

TEST(Pool, DropsAnOddLastRowAndColumn) {
  const torch::Tensor x = torch::arange(15, torch::kFloat64).view({1, 1, 3, 5});
  EXPECT_TRUE(torch::equal(pool(Pooling::kAverage, x).flatten(),
                           torch::tensor({3.0, 5.0}, torch::kFloat64)));
  EXPECT_TRUE(
      torch::equal(pool(Pooling::kMax, x).flatten(), torch::tensor({6.0, 8.0}, torch::kFloat64)));
  EXPECT_TRUE(torch::equal(pool(Pooling::kNone, x), x));
}

std::vector<std::string> names_of(const ConvNetShape& shape) {
  std::vector<std::string> names;
  const ConvNet network(shape);
  for (const ParameterShape& parameter : network.layout().parameters()) {
    names.push_back(parameter.name);
  }
  return names;
}

// The authors number all layers through, also those without parameters.
TEST(ConvNetBlocks, AreNumberedAsTheAuthorsDo) {
  ConvNetShape shape = {3, 8, 4, 2, 5};
  shape.norm = Norm::kNone;
  EXPECT_EQ(names_of(shape),
            (std::vector<std::string>{"features.0.weight", "features.0.bias", "features.3.weight",
                                      "features.3.bias", "classifier.weight", "classifier.bias"}));
  shape.pooling = Pooling::kNone;
  EXPECT_EQ(names_of(shape)[2], "features.2.weight");
  EXPECT_EQ(ConvNet(shape).feature_dim(), 4 * 8 * 8);
  shape.norm = Norm::kLayer;
  const ConvNet layered(shape);
  EXPECT_EQ(layered.layout().parameters()[2].shape, (std::vector<int64_t>{4, 8, 8}));
}

TEST(ConvNetBlocks, RejectAWidthThatHasNoGroups) {
  ConvNetShape shape = {3, 8, 6, 2, 5};
  shape.norm = Norm::kGroup;
  EXPECT_THROW(ConvNet{shape}, Error);
}

}  // namespace
}  // namespace mkdt
