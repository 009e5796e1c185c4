#include "mkdt/judge/finetune.h"

#include <gtest/gtest.h>

#include "mkdt/judge/linear_probe.h"
#include "tests/judge/judge_fixture.h"

namespace mkdt {
namespace {

using testing::kClasses;
using testing::tiny_images;
using testing::tiny_network;

class FinetuneTest : public ::testing::Test {
 protected:
  FinetuneTest() {
    options_.epochs = 20;
    options_.batch = 16;
    theta_ = initial_encoder(*network_, 3, torch::kCPU);
  }

  FinetunedEncoder tune(uint64_t seed = 1) const {
    return finetune(*network_, theta_, train_, torch::arange(train_.size(), torch::kLong), kClasses,
                    options_, seed);
  }
  double accuracy(const FinetunedEncoder& encoder) const {
    return class_scores(*network_, encoder, test_)
        .argmax(1)
        .eq(test_.labels)
        .to(torch::kFloat64)
        .mean()
        .item<double>();
  }

  NetworkPtr network_ = tiny_network();
  ImageSet train_ = tiny_images("train", 48, 1);
  ImageSet test_ = tiny_images("test", 60, 2);
  FinetuneOptions options_;
  torch::Tensor theta_;
};

TEST_F(FinetuneTest, LearnsWhatCanBeLearned) { EXPECT_EQ(accuracy(tune()), 1.0); }

TEST_F(FinetuneTest, MovesTheEncoderButNotItsOldHead) {
  const FinetunedEncoder tuned = tune();
  const int64_t head = network_->feature_dim() * testing::kOutputs + testing::kOutputs;
  const int64_t body = theta_.numel() - head;
  EXPECT_FALSE(torch::equal(tuned.theta.slice(0, 0, body), theta_.slice(0, 0, body)));
  EXPECT_TRUE(torch::equal(tuned.theta.slice(0, body), theta_.slice(0, body)));
}

// With the encoder's rate at 0 it is a linear classifier on frozen features.
TEST_F(FinetuneTest, RatesAreThoseOfTheirParts) {
  options_.lr = 0;
  const FinetunedEncoder frozen = tune();
  EXPECT_TRUE(torch::equal(frozen.theta, theta_));
  EXPECT_GT(frozen.weight.abs().max().item<double>(), 0);
  options_.lr = 0.005;
  options_.head_lr = 0;
  const FinetunedEncoder headless = tune();
  EXPECT_EQ(headless.weight.abs().max().item<double>(), 0);
}

// Features that are dead: no classifier on frozen ones can do better than guessing.
TEST_F(FinetuneTest, BeatsAFrozenEncoderWhereFeaturesMustMove) {
  theta_ = theta_ * 0.02;
  options_.epochs = 60;
  options_.lr = 0.05;
  FinetuneOptions frozen = options_;
  frozen.lr = 0;
  const FinetunedEncoder stays = finetune(
      *network_, theta_, train_, torch::arange(train_.size(), torch::kLong), kClasses, frozen, 1);
  EXPECT_GT(accuracy(tune()), accuracy(stays) + 0.1);
}

TEST_F(FinetuneTest, TheSeedDecidesTheOrder) {
  EXPECT_TRUE(torch::equal(tune(1).theta, tune(1).theta));
  EXPECT_FALSE(torch::equal(tune(1).theta, tune(2).theta));
}

// Norms keep the features, and with them the loss, finite for long: it takes rates beyond float's.
TEST_F(FinetuneTest, SaysThatItDiverged) {
  options_.lr = 1e30;
  options_.head_lr = 1e38;
  EXPECT_THROW(tune(), DivergedError);
}

}  // namespace
}  // namespace mkdt
