#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/baseline/ssl_student.h"
#include "mkdt/ssl/losses.h"
#include "tests/baseline/ssl_fixture.h"

namespace mkdt {
namespace {

using testing::gratings;
using testing::tiny_network;
using testing::tiny_ssl;

const TrainingOptions kOptions = {16, {0.05, 0.9, 1e-4}};

TEST(SslPretrain, MakesFeaturesAgreeAcrossViews) {
  const NetworkPtr network = tiny_network();
  const ImageSet images = gratings(48, 8, 1), held_out = gratings(32, 8, 2);
  at::Generator generator = make_generator(1, "test");
  const ViewPairs pairs = draw_pairs(32, 8, {}, generator);
  const auto loss = [&](const torch::Tensor& theta) {
    const auto features = [&](const std::vector<ViewParameters>& views) {
      return network->features(theta, make_views(held_out.images, views, held_out.normalisation));
    };
    return barlow_twins_loss(features(pairs.first), features(pairs.second), 0).item<double>();
  };
  for (const bool synthetic : {false, true}) {
    const SslSource source =
        synthetic ? ssl_source(images.normalised(torch::kCPU), images.normalisation, torch::kCPU)
                  : ssl_source(images, torch::kCPU);
    const torch::Tensor theta = ssl_pretrain(network, source, 120, kOptions, tiny_ssl(), 7);
    EXPECT_LT(loss(theta), 0.9 * loss(initial_encoder(*network, 7, torch::kCPU))) << synthetic;
  }
}

TEST(SslPretrain, TheSeedDecidesAndEveryStepIsReported) {
  const NetworkPtr network = tiny_network();
  const SslSource source = ssl_source(gratings(20, 8, 1), torch::kCPU);
  std::vector<int64_t> steps;
  torch::Tensor last;
  const torch::Tensor theta = ssl_pretrain(network, source, 3, kOptions, tiny_ssl(), 1,
                                           [&](int64_t step, const torch::Tensor& at) {
                                             steps.push_back(step);
                                             last = at;
                                           });
  EXPECT_EQ(steps, (std::vector<int64_t>{1, 2, 3}));
  EXPECT_TRUE(torch::equal(theta, last));
  EXPECT_TRUE(torch::equal(theta, ssl_pretrain(network, source, 3, kOptions, tiny_ssl(), 1)));
  EXPECT_FALSE(torch::equal(theta, ssl_pretrain(network, source, 3, kOptions, tiny_ssl(), 2)));
}

TEST(SslPretrain, StartsFromTheInitialEncoderAndLeavesItsHead) {
  const NetworkPtr network = tiny_network();
  const SslSource source = ssl_source(gratings(20, 8, 1), torch::kCPU);
  const torch::Tensor initial = initial_encoder(*network, 3, torch::kCPU);
  EXPECT_TRUE(torch::equal(ssl_pretrain(network, source, 0, kOptions, tiny_ssl(), 3), initial));
  const torch::Tensor theta = ssl_pretrain(network, source, 2, kOptions, tiny_ssl(), 3);
  const int64_t head = 5 * (network->feature_dim() + 1);
  EXPECT_TRUE(torch::equal(theta.slice(0, -head), initial.slice(0, -head)));
  EXPECT_FALSE(torch::equal(theta, initial));
}

TEST(SslPretrain, SaysWhenItDiverges) {
  const SslSource source = ssl_source(gratings(20, 8, 1), torch::kCPU);
  try {
    ssl_pretrain(tiny_network(), source, 300, {16, {1e6, 0.9, 1e-2}}, tiny_ssl(), 1);
    FAIL() << "expected an Error";
  } catch (const DivergedError& error) {
    EXPECT_NE(std::string(error.what()).find("learning rate 1000000"), std::string::npos)
        << error.what();
  }
}

TEST(SslPretrain, NeedsTwoImages) {
  const SslSource source = ssl_source(gratings(1, 8, 1), torch::kCPU);
  EXPECT_THROW(ssl_pretrain(tiny_network(), source, 1, kOptions, tiny_ssl(), 1), Error);
}

}  // namespace
}  // namespace mkdt
