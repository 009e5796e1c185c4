#include "mkdt/nn/backbones/resnet_training.h"

#include <functional>

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/utils.h>

#include "mkdt/base/random.h"
#include "mkdt/nn/backbones/resnet.h"
#include "mkdt/nn/flop_counter.h"

namespace mkdt {
namespace {

constexpr int64_t kSize = 16, kWidth = 16, kBatch = 24;

std::shared_ptr<ResNet> make_net(uint64_t seed = 1) {
  at::Generator generator = make_generator(seed, "test/resnet training");
  return std::make_shared<ResNet>(ResNetShape{kSize, kWidth, 10}, generator);
}

torch::Tensor narrow_images(uint64_t seed = 5) {
  at::Generator generator = make_generator(seed, "test/images");
  return at::randn({kBatch, 3, kSize, kSize}, generator, torch::TensorOptions())
      .to(torch::kBFloat16);
}

double difference(const torch::Tensor& found, const torch::Tensor& expected) {
  return ((found - expected).norm() / expected.norm()).item<double>();
}

class OnMatrixUnits : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!ResNetTraining::available()) GTEST_SKIP() << "this processor has no matrix units";
  }
};

TEST_F(OnMatrixUnits, FeaturesAndRunningStatisticsAreNearStockOperators) {
  const auto net = make_net(), stock = make_net();
  const torch::Tensor images = narrow_images();
  for (int step = 0; step < 2; ++step) {
    const torch::Tensor features = net->features(images), expected = stock->stock_features(images);
    EXPECT_EQ(features.scalar_type(), torch::kFloat32);
    EXPECT_LE(difference(features, expected), 0.02);
    EXPECT_FALSE(features.equal(expected)) << "these are stock operators";
  }
  const auto found = net->named_buffers(), expected = stock->named_buffers();
  for (const auto& buffer : expected) {
    const torch::Tensor& one = *found.find(buffer.key());
    if (one.is_floating_point()) {
      EXPECT_LE(difference(one, buffer.value()), 0.02) << buffer.key();
    } else {
      EXPECT_TRUE(one.equal(buffer.value())) << buffer.key();
    }
  }
}

TEST_F(OnMatrixUnits, TwoPassesBeforeTheirWayBackDoNotDisturbEachOther) {
  const auto net = make_net();
  const auto gradients = [&](const torch::Tensor& features) {
    return torch::autograd::grad({features.square().sum()}, net->parameters());
  };
  const auto alone = gradients(net->features(narrow_images(5)));
  const torch::Tensor first = net->features(narrow_images(5));
  const torch::Tensor second = net->features(narrow_images(6));
  const auto of_second = gradients(second), of_first = gradients(first);
  for (size_t i = 0; i < alone.size(); ++i) {
    EXPECT_TRUE(of_first[i].equal(alone[i])) << i;
    EXPECT_FALSE(of_second[i].equal(alone[i])) << i;
  }
}

TEST_F(OnMatrixUnits, NeedsNoGradientAndHasNoSecondDerivative) {
  const auto net = make_net();
  {
    const torch::NoGradGuard no_grad;
    EXPECT_FALSE(net->features(narrow_images()).requires_grad());
  }
  const torch::Tensor loss = net->features(narrow_images()).square().sum();
  EXPECT_THROW(torch::autograd::grad({loss}, net->parameters(), {}, true, /*create_graph=*/true),
               std::logic_error);
}

TEST_F(OnMatrixUnits, OperationsAreCountedLikeStockOperators) {
  const auto net = make_net();
  const auto flops = [&](const std::function<torch::Tensor()>& features) {
    const FlopCounter counter;
    torch::autograd::grad({features().sum()}, net->parameters());
    return counter.flops();
  };
  const torch::Tensor images = narrow_images();
  const double found = flops([&] { return net->features(images); });
  EXPECT_EQ(found, flops([&] { return net->stock_features(images); }));
}

TEST_F(OnMatrixUnits, OnlyTrainingInBfloat16IsDifferent) {
  const auto net = make_net();
  const torch::Tensor images = narrow_images();
  EXPECT_TRUE(net->features(images.to(torch::kFloat32))
                  .equal(make_net()->stock_features(images.to(torch::kFloat32))));
  net->eval();
  EXPECT_TRUE(net->features(images).equal(net->stock_features(images)));
  net->train();
  use_stock_operators(*net);
  const auto other = make_net();
  other->stock_features(images.to(torch::kFloat32));
  EXPECT_TRUE(net->features(images).equal(other->stock_features(images)));
}

}  // namespace
}  // namespace mkdt
