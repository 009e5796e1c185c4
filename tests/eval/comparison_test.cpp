#include "mkdt/eval/comparison.h"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/eval/eval_fixture.h"

namespace mkdt {
namespace {

using testing::tiny_images;
using testing::tiny_network;
using testing::tiny_regression_set;
using testing::tiny_targets;

ComparisonInputs tiny_comparison() {
  ComparisonInputs inputs;
  inputs.network = tiny_network();
  inputs.encoder = "convnet";
  inputs.dataset = "tiny";
  inputs.validation = tiny_regression_set(20, 2);
  inputs.test = tiny_regression_set(20, 3);
  inputs.downstream = {{"tiny", tiny_images("tiny", 60, 4), tiny_images("tiny", 30, 5)},
                       {"other", tiny_images("other", 30, 6), tiny_images("other", 30, 7)}};
  Candidate none;
  none.method = "none";
  Candidate full;
  full.method = "full";
  full.training = tiny_regression_set(60, 4);
  Candidate teacher;
  teacher.method = "teacher";
  teacher.features_encoder = "resnet";
  teacher.features = {
      {tiny_targets(inputs.downstream[0].train, 8), tiny_targets(inputs.downstream[0].test, 9)},
      {}};
  inputs.candidates = {none, full, teacher};
  return inputs;
}

EvaluateOptions tiny_options() {
  EvaluateOptions options;
  options.label_fractions = {0.1, 0.5};
  options.seeds = 2;
  return options;
}

PretrainSection tiny_pretraining() {
  PretrainSection section;
  section.lrs = {0.02, 0.1};
  section.max_steps = 30;
  section.evaluations = 3;
  section.batch = 16;
  return section;
}

class Recorder : public Observer {
 public:
  void begin(const std::string&, int64_t total, const std::string&) override { total_ = total; }
  void advance(int64_t done, const std::string&) override {
    EXPECT_EQ(done, done_ + 1);
    done_ = done;
  }
  void end() override { EXPECT_EQ(done_, total_); }
  int64_t total_ = 0;
  int64_t done_ = 0;
};

TEST(Comparison, HasARowForEveryCell) {
  Recorder recorder;
  const std::vector<ComparisonRow> rows =
      compare(tiny_comparison(), tiny_options(), tiny_pretraining(), 1, recorder);
  EXPECT_GT(recorder.total_, 0);
  EXPECT_EQ(recorder.done_, recorder.total_);
  // 2 encoders × 2 seeds × 2 sets × 2 fractions, and the teacher on one set.
  ASSERT_EQ(rows.size(), 16u + 4u);
  for (const ComparisonRow& row : rows) {
    EXPECT_TRUE(row.accuracy && *row.accuracy >= 0 && *row.accuracy <= 1);
    EXPECT_EQ(row.representation_loss.has_value(), row.method != "teacher");
    EXPECT_EQ(row.recipe.has_value(), row.method == "full");
    EXPECT_EQ(row.encoder, row.method == "teacher" ? "resnet" : "convnet");
  }
  const std::vector<SummaryRow> summary = summarise(rows);
  ASSERT_EQ(summary.size(), 10u);
  EXPECT_LT(summary[4].representation_loss->mean, summary[0].representation_loss->mean);
  EXPECT_EQ(summary[8].method, "teacher");
  EXPECT_GT(summary[8].accuracy->mean, 0.9);
}

TEST(Comparison, TheSameSeedGivesTheSameRows) {
  Observer silent;
  const auto run = [&](uint64_t seed) {
    return compare(tiny_comparison(), tiny_options(), tiny_pretraining(), seed, silent);
  };
  const std::vector<ComparisonRow> first = run(1);
  const std::vector<ComparisonRow> second = run(1);
  const std::vector<ComparisonRow> other = run(2);
  ASSERT_EQ(first.size(), second.size());
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].accuracy, second[i].accuracy);
    EXPECT_EQ(first[i].representation_loss, second[i].representation_loss);
  }
  EXPECT_NE(first[0].representation_loss, other[0].representation_loss);
}

TEST(Comparison, OtherCandidatesDoNotChangeAMethodsRows) {
  Observer silent;
  ComparisonInputs inputs = tiny_comparison();
  const auto all = compare(inputs, tiny_options(), tiny_pretraining(), 1, silent);
  inputs.candidates = {inputs.candidates[1]};
  const auto alone = compare(inputs, tiny_options(), tiny_pretraining(), 1, silent);
  for (size_t i = 0; i < alone.size(); ++i) {
    EXPECT_EQ(alone[i].accuracy, all[8 + i].accuracy);
    EXPECT_EQ(alone[i].representation_loss, all[8 + i].representation_loss);
  }
}

TEST(Comparison, WithoutADownstreamSetOnlyLossesAreReported) {
  Observer silent;
  ComparisonInputs inputs = tiny_comparison();
  inputs.downstream.clear();
  inputs.candidates[2].features->clear();
  const auto rows = compare(inputs, tiny_options(), tiny_pretraining(), 1, silent);
  ASSERT_EQ(rows.size(), 4u);
  for (const ComparisonRow& row : rows) {
    EXPECT_EQ(row.dataset, "tiny");
    EXPECT_FALSE(row.accuracy || row.labels);
    EXPECT_TRUE(row.representation_loss);
  }
}

TEST(Comparison, TheFixedRecipeTakesTheLearnedRate) {
  Observer silent;
  ComparisonInputs inputs = tiny_comparison();
  inputs.candidates = {inputs.candidates[1]};
  inputs.candidates[0].syn_lr = 0.03;
  PretrainSection pretraining = tiny_pretraining();
  pretraining.recipe = "fixed";
  pretraining.epochs = 2;
  const auto rows = compare(inputs, tiny_options(), pretraining, 1, silent);
  EXPECT_EQ(rows[0].recipe->lr, 0.03);
  EXPECT_EQ(rows[0].recipe->steps, 8);
}

TEST(Comparison, RefusesInputsThatDoNotFit) {
  Observer silent;
  const auto message = [&](const ComparisonInputs& inputs, const EvaluateOptions& options,
                           const PretrainSection& pretraining) -> std::string {
    try {
      compare(inputs, options, pretraining, 1, silent);
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
  (*misfit.candidates[2].features)[0].train = torch::zeros({7, 2});
  EXPECT_EQ(message(misfit, tiny_options(), tiny_pretraining()),
            "method teacher: expected features of the 60 images of tiny, got 7");

  EvaluateOptions no_fraction = tiny_options();
  no_fraction.label_fractions.clear();
  EXPECT_NE(message(tiny_comparison(), no_fraction, tiny_pretraining()), "");

  PretrainSection diverging = tiny_pretraining();
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
