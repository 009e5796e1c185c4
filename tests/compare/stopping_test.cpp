// Judging an encoder takes minutes on large sets with many classes: everything that does ask
// whether it should stop, often enough in units of its work that the answer comes within seconds.
#include <utility>

#include <gtest/gtest.h>

#include "mkdt/base/observer.h"
#include "mkdt/base/random.h"
#include "mkdt/compare/downstream_judge.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/judge/finetune.h"
#include "mkdt/judge/knn.h"
#include "mkdt/judge/linear_probe.h"
#include "mkdt/judge/representation_quality.h"
#include "tests/fixtures/stopper.h"
#include "tests/judge/judge_fixture.h"

namespace mkdt {
namespace {

using testing::Stopper;

constexpr int64_t kClasses = 7;

LabelledFeatures features(int64_t rows, uint64_t seed) {
  at::Generator generator = make_generator(seed, "tests/stopping");
  return {torch::randn({rows, 12}, generator), torch::arange(rows).remainder(kClasses)};
}

// It stops at whatever question the observer wants it to, and asks `least` questions or more.
template <typename Work>
void expect_asks(int64_t least, const Work& work) {
  Stopper patient;
  work(patient);
  EXPECT_GE(patient.questions(), least);
  const int64_t last = patient.questions();
  for (const int64_t question : {int64_t{1}, (last + 1) / 2, last}) {
    Stopper stopper(question);
    EXPECT_THROW(work(stopper), Stopped) << "at question " << question;
  }
}

TEST(Stopping, NeighboursAskOnceA256Rows) {
  const LabelledFeatures train = features(50, 1), test = features(1000, 2);
  expect_asks(4, [&](Observer& observer) {
    knn_scores(train.features, train.labels, test.features, kClasses, {}, observer);
  });
}

TEST(Stopping, AProbeAsksTwiceAnEvaluation) {
  const LabelledFeatures train = features(200, 1);
  expect_asks(2 * 10, [&](Observer& observer) {
    fit_linear_probe(train.features, train.labels, kClasses, {1e-4, 1}, {}, observer);
  });
}

TEST(Stopping, AnswersOfAProbeAskOnceA4096Rows) {
  const LabelledFeatures train = features(30, 1), test = features(9000, 2);
  const LinearProbe probe = fit_linear_probe(train.features, train.labels, kClasses, {});
  expect_asks(3,
              [&](Observer& observer) { accuracy(probe, test.features, test.labels, observer); });
}

TEST(Stopping, AChoiceOfProbesAsksInEach) {
  const LabelledFeatures train = features(30, 1), validation = features(30, 2);
  Stopper one;
  choose_probe(train, validation, kClasses, {1e-2}, 1, one);
  expect_asks(one.questions() + 2, [&](Observer& observer) {
    choose_probe(train, validation, kClasses, {1e-2, 1e-1}, 1, observer);
  });
}

TEST(Stopping, QualityAsksWhileItFits) {
  const LabelledFeatures train = features(100, 1), test = features(600, 2);
  expect_asks(20, [&](Observer& observer) {
    representation_quality("a", {train.features, train.labels}, {test.features, test.labels}, 100,
                           observer);
  });
}

TEST(Stopping, ARegressionSetAsksOnceABatch) {
  const NetworkPtr network = testing::tiny_network();
  const torch::Tensor theta = initial_encoder(*network, 1, torch::kCPU);
  const RegressionSet set = testing::tiny_regression_set(1000, 1);
  expect_asks(1000 / 256, [&](Observer& observer) {
    representation_loss(*network, theta, stoppable(set, observer));
  });
  Stopper never;
  EXPECT_EQ(representation_loss(*network, theta, stoppable(set, never)),
            representation_loss(*network, theta, set));
}

TEST(Stopping, AJudgeAsksInEveryProtocol) {
  const DownstreamSet set = {
      "tiny", testing::tiny_images("train", 30, 1), {}, testing::tiny_images("test", 600, 2)};
  const NetworkPtr network = testing::tiny_network();
  const torch::Tensor theta = initial_encoder(*network, 1, torch::kCPU);
  EvaluateOptions options;
  options.label_fractions = {1};
  options.finetune.epochs = 4;
  options.finetune.batch = 10;
  constexpr int64_t kImageBatches = 1 + 3;  // of 256, train and test
  for (const auto& [protocol, least] : {std::pair("probe", kImageBatches + 20),
                                        {"knn", kImageBatches + 3},
                                        {"finetune", int64_t{4 * 3 + 3}}}) {
    expect_asks(least, [&, protocol = protocol](Observer& observer) {
      DownstreamJudge(set, *network, theta, options, /*seed=*/1, observer)
          .judge(protocol, LabelBudget::part(1));
    });
  }
}

TEST(Stopping, WhatNobodySeesStopsAllTheSame) {
  Stopper stopper(2);
  const QuietObserver quiet(stopper);
  EXPECT_FALSE(quiet.stop_wanted());
  EXPECT_TRUE(quiet.stop_wanted());
}

}  // namespace
}  // namespace mkdt
