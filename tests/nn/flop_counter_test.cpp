#include "mkdt/nn/flop_counter.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "mkdt/base/random.h"
#include "mkdt/nn/convnet.h"
#include "mkdt/nn/regression.h"

namespace mkdt {
namespace {

double flops_of(const std::function<void()>& work) {
  const FlopCounter counter;
  work();
  return counter.flops();
}

TEST(FlopCounter, MatrixProducts) {
  const torch::Tensor a = torch::randn({3, 5}), b = torch::randn({5, 7}), c = torch::randn({7});
  EXPECT_EQ(flops_of([&] { a.mm(b); }), 2 * 3 * 5 * 7);
  EXPECT_EQ(flops_of([&] { torch::addmm(c, a, b); }), 2 * 3 * 5 * 7);
  EXPECT_EQ(flops_of([&] { torch::linear(a, b.t(), c); }), 2 * 3 * 5 * 7);
  EXPECT_EQ(flops_of([&] {
              torch::randn({2, 3, 5}).bmm(torch::randn({2, 5, 7}));
            }),
            2 * 2 * 3 * 5 * 7);
}

TEST(FlopCounter, Convolutions) {
  const torch::Tensor images = torch::randn({2, 4, 9, 9}), weight = torch::randn({6, 4, 3, 3});
  // 5 × 5 positions with stride 2 and padding 1.
  EXPECT_EQ(flops_of([&] { torch::conv2d(images, weight, {}, 2, 1); }), 2 * 2 * 25 * 6 * 4 * 9);
  const torch::Tensor grouped = torch::randn({6, 2, 3, 3});
  EXPECT_EQ(flops_of([&] { torch::conv2d(images, grouped, {}, 1, 1, 1, 2); }),
            2 * 2 * 81 * 6 * 2 * 9);
}

TEST(FlopCounter, TheWayBackCounts) {
  const torch::Tensor images = torch::randn({2, 4, 8, 8});
  const torch::Tensor weight = torch::randn({6, 4, 3, 3}).requires_grad_(true);
  const double forward = 2.0 * 2 * 64 * 6 * 4 * 9;
  const auto pass = [&](bool wants_images) {
    return flops_of([&] {
      torch::Tensor x = images.detach().clone().requires_grad_(wants_images);
      torch::conv2d(x, weight, {}, 1, 1).sum().backward();
    });
  };
  EXPECT_EQ(pass(false), 2 * forward);
  EXPECT_EQ(pass(true), 3 * forward);
}

TEST(FlopCounter, CountsOnlyWhileItLives) {
  const FlopCounter counter;
  EXPECT_THROW(FlopCounter second, std::logic_error);
  EXPECT_EQ(counter.flops(), 0);
  torch::randn({2, 2}).mm(torch::randn({2, 2}));
  EXPECT_EQ(counter.flops(), 16);
}

// What the native engine reports is what autograd on stock operators takes.
TEST(FlopCounter, TheNativeEngineReportsTheSameGradient) {
  const ConvNet network({3, 16, 16, 2, 8});
  at::Generator generator = make_generator(1, "test");
  const torch::Tensor theta = network.initialise(generator);
  const torch::Tensor images = torch::randn({6, 3, 16, 16}, generator);
  const torch::Tensor targets = torch::randn({6, 8}, generator);
  const auto native = make_regression_gradient(network, theta);
  const double reported = flops_of([&] { native->at(theta, images, targets); });
  const NetworkPtr stock = network.with_operators(Operators::kStock);
  const double by_autograd = flops_of([&] {
    const torch::Tensor variable = theta.detach().requires_grad_(true);
    torch::autograd::grad({regression_loss(*stock, variable, images, targets)}, {variable});
  });
  EXPECT_GT(reported, 0);
  EXPECT_EQ(reported, by_autograd);
}

}  // namespace
}  // namespace mkdt
