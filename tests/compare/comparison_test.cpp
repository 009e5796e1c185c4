#include "mkdt/compare/comparison.h"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/compare/tiny_comparison.h"

namespace mkdt {
namespace {

using testing::compare_tiny;
using testing::CountingStore;
using testing::row_of;
using testing::tiny_comparison;
using testing::tiny_options;
using testing::tiny_pretraining;

class CountRecorder : public Observer {
 public:
  void begin(const std::string&, int64_t total, const std::string&) override { total_ = total; }
  void advance(int64_t done, const std::string&) override {
    EXPECT_GE(done, done_);
    done_ = done;
  }
  void end() override { EXPECT_NEAR(double(done_), double(total_), 1.0); }
  int64_t total_ = 0;
  int64_t done_ = 0;
};

TEST(Comparison, HasARowForEveryCell) {
  CountRecorder recorder;
  ComparisonStore store;
  const std::vector<ComparisonRow> rows =
      compare(tiny_comparison(), tiny_options(), tiny_pretraining(), 1, store, recorder);
  EXPECT_GT(recorder.total_, 0);
  // 2 encoders × 2 seeds × 2 sets × 2 fractions, and the teacher on one set.
  ASSERT_EQ(rows.size(), 16u + 4u);
  for (const ComparisonRow& row : rows) {
    EXPECT_TRUE(row.accuracy && *row.accuracy >= 0 && *row.accuracy <= 1);
    EXPECT_EQ(row.representation_loss.has_value(), row.method != "teacher");
    EXPECT_EQ(row.recipe.has_value(), row.method == "full");
    EXPECT_EQ(row.encoder, row.method == "teacher" ? "resnet" : "convnet");
    EXPECT_FALSE(row.key.empty());
  }
  ComparisonRow none = rows[0];
  none.method = "none";
  none.encoder = "convnet";
  ComparisonRow full = none;
  full.method = "full";
  EXPECT_LT(*row_of(rows, full).representation_loss, *row_of(rows, none).representation_loss);
  EXPECT_EQ(rows.back().method, "teacher");
  EXPECT_GT(*rows.back().accuracy, 0.9);
}

TEST(Comparison, TheSameSeedGivesTheSameRows) {
  const auto run = [&](uint64_t seed) {
    return compare_tiny(tiny_comparison(), tiny_options(), tiny_pretraining(), seed);
  };
  const std::vector<ComparisonRow> first = run(1);
  const std::vector<ComparisonRow> second = run(1);
  const std::vector<ComparisonRow> other = run(2);
  ASSERT_EQ(first.size(), second.size());
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].accuracy, second[i].accuracy);
    EXPECT_EQ(first[i].representation_loss, second[i].representation_loss);
    EXPECT_EQ(first[i].key, second[i].key);
    EXPECT_NE(first[i].key, other[i].key);
  }
  EXPECT_NE(first.front().representation_loss, other.front().representation_loss);
}

TEST(Comparison, OtherCandidatesDoNotChangeAMethodsRows) {
  ComparisonInputs inputs = tiny_comparison();
  const auto all = compare_tiny(inputs);
  inputs.candidates = {inputs.candidates[1]};
  for (const ComparisonRow& row : compare_tiny(inputs)) {
    EXPECT_EQ(row.accuracy, row_of(all, row).accuracy);
    EXPECT_EQ(row.representation_loss, row_of(all, row).representation_loss);
    EXPECT_EQ(row.key, row_of(all, row).key);
  }
}

// What diverges is left out, and said at the end.
TEST(Comparison, AMethodThatDivergesDoesNotKeepTheOthersBack) {
  Observer silent;
  CountingStore store;
  ComparisonInputs inputs = tiny_comparison();
  const auto train = inputs.candidates[1].pretraining->train;
  inputs.candidates[1].pretraining->train = [train](const auto& network, int64_t steps,
                                                    const auto&... rest) {
    if (steps > 10) throw DivergedError("diverged");  // not while its time is measured
    return train(network, steps, rest...);
  };
  EXPECT_THROW(compare(inputs, tiny_options(), tiny_pretraining(), 1, store, silent), Error);
  EXPECT_EQ(store.cells, 8 + 4);  // none, teacher
}

TEST(Comparison, WhatIsNotFiniteIsLeftOutAndNamed) {
  const auto compared = [](const ComparisonInputs& inputs, const EvaluateOptions& options) {
    Observer silent;
    CountingStore store;
    try {
      compare(inputs, options, tiny_pretraining(), 1, store, silent);
    } catch (const Error& error) {
      return std::to_string(store.cells) + " cells; " + error.what();
    }
    return std::string();
  };
  // Parameters as they may come from a file.
  ComparisonInputs inputs = tiny_comparison();
  inputs.candidates[1].theta = initial_encoder(*testing::tiny_network(), 1, torch::kCPU) * NAN;
  EXPECT_EQ(compared(inputs, tiny_options()).rfind("12 cells; method full: ", 0), 0U)
      << compared(inputs, tiny_options());
  // Features that are given.
  inputs = tiny_comparison();
  const SplitFeatures good = (*inputs.candidates[2].features)[0]();
  inputs.candidates[2].features = {[good] {
                                     SplitFeatures bad = good;
                                     bad.test = good.test / 0;
                                     return bad;
                                   },
                                   nullptr};
  for (const char* protocol : {"probe", "knn"}) {
    EvaluateOptions options = tiny_options();
    options.protocols = {protocol};
    EXPECT_EQ(compared(inputs, options),
              "16 cells; method teacher: the features of tiny are not finite numbers");
  }
}

TEST(Comparison, EveryProtocolOnEveryEncoder) {
  ComparisonInputs inputs = tiny_comparison();
  ConvNetShape wider;
  wider.image_size = 8;
  wider.width = 6;
  wider.depth = 1;
  wider.outputs = testing::kOutputs;
  inputs.encoders.push_back({"wide", std::make_shared<ConvNet>(wider)});
  EvaluateOptions options = tiny_options();
  options.protocols = {"probe", "knn", "finetune"};
  options.label_fractions = {0.5};
  options.seeds = 1;
  options.finetune.epochs = 2;
  const auto rows = compare_tiny(inputs, options);
  // 2 methods × 2 encoders × 2 sets × 3 protocols; the teacher cannot be fine-tuned.
  ASSERT_EQ(rows.size(), 24u + 2u);
  for (const ComparisonRow& row : rows) {
    EXPECT_TRUE(row.accuracy);
    EXPECT_EQ(row.l2.has_value(), row.protocol == "probe");
  }
}

TEST(Comparison, WithoutADownstreamSetOnlyLossesAreReported) {
  ComparisonInputs inputs = tiny_comparison();
  inputs.downstream.clear();
  inputs.candidates[2].features->clear();
  const auto rows = compare_tiny(inputs);
  ASSERT_EQ(rows.size(), 4u);
  for (const ComparisonRow& row : rows) {
    EXPECT_EQ(row.dataset, "tiny");
    EXPECT_FALSE(row.accuracy || row.labels);
    EXPECT_TRUE(row.representation_loss);
  }
}

TEST(Comparison, TheFixedRecipeTakesTheLearnedRate) {
  ComparisonInputs inputs = tiny_comparison();
  inputs.candidates = {inputs.candidates[1]};
  inputs.candidates[0].pretraining->syn_lr = 0.03;
  PretrainOptions pretraining = tiny_pretraining();
  pretraining.recipe = "fixed";
  pretraining.epochs = 2;
  const auto rows = compare_tiny(inputs, tiny_options(), pretraining);
  EXPECT_EQ(rows[0].recipe->lr, 0.03);
  EXPECT_EQ(rows[0].recipe->steps, 8);
}

TEST(Comparison, RefusesInputsThatDoNotFit) {
  const auto message = [&](const ComparisonInputs& inputs, const EvaluateOptions& options,
                           const PretrainOptions& pretraining) -> std::string {
    try {
      compare_tiny(inputs, options, pretraining);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  ComparisonInputs unlabelled = tiny_comparison();
  unlabelled.downstream[1].test.labels = torch::Tensor();
  EXPECT_EQ(message(unlabelled, tiny_options(), tiny_pretraining()),
            "other: expected labels for a downstream data set, got none");

  ComparisonInputs misfit = tiny_comparison();
  (*misfit.candidates[2].features)[0] = [] {
    return SplitFeatures{torch::zeros({7, 2}), {}, torch::zeros({30, 2})};
  };
  EXPECT_EQ(message(misfit, tiny_options(), tiny_pretraining()),
            "method teacher: expected features of the 60 images of tiny, got 7");

  EvaluateOptions no_fraction = tiny_options();
  no_fraction.label_fractions.clear();
  EXPECT_NE(message(tiny_comparison(), no_fraction, tiny_pretraining()), "");

  PretrainOptions diverging = tiny_pretraining();
  diverging.lrs = {1e8};
  EXPECT_EQ(message(tiny_comparison(), tiny_options(), diverging).rfind("method full: ", 0), 0u);
}

TEST(Statistics, MeanAndSampleDeviation) {
  const Statistic three = statistic({1, 2, 6});
  EXPECT_DOUBLE_EQ(three.mean, 3);
  EXPECT_DOUBLE_EQ(three.deviation, std::sqrt(7.0));
  EXPECT_EQ(three.count, 3);
  EXPECT_EQ(statistic({4}).deviation, 0);
}

}  // namespace
}  // namespace mkdt
