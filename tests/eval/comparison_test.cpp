#include "mkdt/eval/comparison.h"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "mkdt/eval/comparison_work.h"
#include "tests/eval/eval_fixture.h"

namespace mkdt {
namespace {

using testing::tiny_images;
using testing::tiny_network;
using testing::tiny_regression_set;
using testing::tiny_targets;

ComparisonInputs tiny_comparison() {
  ComparisonInputs inputs;
  inputs.encoders = {{"convnet", tiny_network()}};
  inputs.dataset = "tiny";
  inputs.training = tiny_regression_set(60, 4);
  inputs.validation = tiny_regression_set(20, 2);
  inputs.test = tiny_regression_set(20, 3);
  inputs.downstream = {
      {"tiny", tiny_images("tiny", 60, 4), tiny_images("tiny", 12, 10), tiny_images("tiny", 30, 5)},
      {"other", tiny_images("other", 30, 6), {}, tiny_images("other", 30, 7)}};
  Candidate none;
  none.method = "none";
  Candidate full;
  full.method = "full";
  full.pretraining = regression_pretraining(tiny_regression_set(60, 4));
  Candidate teacher;
  teacher.method = "teacher";
  teacher.features_encoder = "resnet";
  const SplitFeatures given = {
      tiny_targets(inputs.downstream[0].train, 8), {}, tiny_targets(inputs.downstream[0].test, 9)};
  teacher.features = {[given] { return given; }, nullptr};
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

std::vector<ComparisonRow> compare_tiny(const ComparisonInputs& inputs,
                                        const EvaluateOptions& options = tiny_options(),
                                        const PretrainSection& pretraining = tiny_pretraining(),
                                        uint64_t seed = 1) {
  ComparisonStore store;
  Observer silent;
  return compare(inputs, options, pretraining, seed, store, silent);
}

const ComparisonRow& row_of(const std::vector<ComparisonRow>& rows, const ComparisonRow& wanted) {
  for (const ComparisonRow& row : rows) {
    if (row.method == wanted.method && row.encoder == wanted.encoder && row.seed == wanted.seed &&
        row.dataset == wanted.dataset && row.labels == wanted.labels &&
        row.protocol == wanted.protocol) {
      return row;
    }
  }
  throw std::logic_error("no such row");
}

// Counts the cells, and fails in the one of that number if asked to.
class CountingStore : public ComparisonStore {
 public:
  int64_t fail_at = -1;
  int64_t cells = 0;

 protected:
  void save_rows() override {
    if (++cells == fail_at) throw Error("no space");
  }
};

class Recorder : public Observer {
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
  Recorder recorder;
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
  EXPECT_EQ(rows[0].method, "teacher");
  EXPECT_GT(*rows[0].accuracy, 0.9);
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
  EXPECT_NE(first.back().representation_loss, other.back().representation_loss);
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

// Whichever cell it is interrupted in: that one is done again and no other.
TEST(Comparison, GoesOnFromTheCellThatItWasIn) {
  const std::vector<ComparisonRow> whole = compare_tiny(tiny_comparison());
  Observer silent;
  for (int64_t interrupted = 1; interrupted <= 20; ++interrupted) {
    CountingStore store;
    store.fail_at = interrupted;
    const auto run = [&] {
      return compare(tiny_comparison(), tiny_options(), tiny_pretraining(), 1, store, silent);
    };
    EXPECT_THROW(run(), Error);
    store.fail_at = -1;
    store.cells = 0;
    const std::vector<ComparisonRow> resumed = run();
    EXPECT_EQ(store.cells, 20 - interrupted);  // the row was added before its saving failed
    ASSERT_EQ(resumed.size(), whole.size());
    for (size_t i = 0; i < whole.size(); ++i) {
      EXPECT_EQ(resumed[i].key, whole[i].key);
      EXPECT_EQ(resumed[i].accuracy, whole[i].accuracy);
      EXPECT_EQ(resumed[i].representation_loss, whole[i].representation_loss);
    }
  }
}

TEST(Comparison, WhatChangesIsDoneAgainAndNothingElse) {
  Observer silent;
  CountingStore store;
  ComparisonInputs inputs = tiny_comparison();
  EvaluateOptions options = tiny_options();
  const auto cells_done = [&] {
    store.cells = 0;
    compare(inputs, options, tiny_pretraining(), 1, store, silent);
    return store.cells;
  };
  EXPECT_EQ(cells_done(), 20);
  EXPECT_EQ(cells_done(), 0);
  options.seeds = 3;
  EXPECT_EQ(cells_done(), 10);
  options.label_counts = {2};  // a further column for everyone
  EXPECT_EQ(cells_done(), 15);
  inputs.candidates[1].fingerprint = "another set";  // 3 seeds × 2 sets × 3 budgets
  EXPECT_EQ(cells_done(), 18);
  options.probe_l2 = 0.1;
  EXPECT_EQ(cells_done(), 45);
}

TEST(Comparison, RecordsCurvesOfTheFirstSeed) {
  Observer silent;
  ComparisonStore store;
  EvaluateOptions options = tiny_options();
  options.curve_points = 3;
  const ComparisonInputs inputs = tiny_comparison();
  const auto rows = compare(inputs, options, tiny_pretraining(), 1, store, silent);
  int64_t curves = 0;
  for (const PlannedEncoding& encoding : plan_comparison(inputs, options, tiny_pretraining(), 1)) {
    const auto* points = store.curve(encoding.curve_key);
    if (points == nullptr) continue;
    ++curves;
    EXPECT_EQ(encoding.seed, 0);
    ASSERT_EQ(points->size(), 6u);  // 3 steps × 2 sets
    const ComparisonRow& last = row_of(rows, [&] {
      ComparisonRow row;
      row.method = "full";
      row.encoder = "convnet";
      row.dataset = points->back().dataset;
      row.labels = LabelBudget{0.5, 0};
      return row;
    }());
    EXPECT_EQ(points->back().step, last.recipe->steps);
    EXPECT_EQ(points->back().representation_loss, *last.representation_loss);
    EXPECT_EQ(points->back().accuracy, last.accuracy);
    EXPECT_EQ(points->back().labels, LabelBudget({0.5, 0}).code());
  }
  EXPECT_EQ(curves, 1);
}

TEST(Comparison, ACurveThatIsMissingIsRecordedAfterwards) {
  Observer silent;
  CountingStore store;
  EvaluateOptions options = tiny_options();
  const ComparisonInputs inputs = tiny_comparison();
  const auto curve = [&] {
    compare(inputs, options, tiny_pretraining(), 1, store, silent);
    for (const auto& encoding : plan_comparison(inputs, options, tiny_pretraining(), 1)) {
      if (const auto* points = store.curve(encoding.curve_key)) return points->size();
    }
    return size_t{0};
  };
  options.curve_points = 0;
  EXPECT_EQ(curve(), 0u);
  store.cells = 0;
  options.curve_points = 2;
  EXPECT_EQ(curve(), 4u);  // 2 steps × 2 sets
  EXPECT_EQ(store.cells, 0);
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

TEST(Comparison, KeysKnowWhatNumbersDependOn) {
  const auto keys = [](const ComparisonInputs& inputs, const PretrainSection& pretraining) {
    std::vector<std::string> all;
    for (const auto& encoding : plan_comparison(inputs, tiny_options(), pretraining, 1)) {
      for (const PlannedCell& cell : encoding.cells) all.push_back(cell.key);
    }
    return all;
  };
  const std::vector<std::string> first = keys(tiny_comparison(), tiny_pretraining());
  EXPECT_EQ(std::set<std::string>(first.begin(), first.end()).size(), first.size());
  const auto changed = [&](const std::vector<std::string>& now) {
    int64_t count = 0;
    for (size_t i = 0; i < first.size(); ++i) count += now[i] != first[i] ? 1 : 0;
    return count;
  };
  ComparisonInputs renamed = tiny_comparison();
  renamed.downstream[1].name = "third";
  EXPECT_EQ(changed(keys(renamed, tiny_pretraining())), 8);
  ComparisonInputs relabelled = tiny_comparison();
  relabelled.downstream[0].test.labels = relabelled.downstream[0].test.labels.flip(0);
  EXPECT_EQ(changed(keys(relabelled, tiny_pretraining())), 12);
  ComparisonInputs other_images = tiny_comparison();
  other_images.fingerprint = "other normalisation";
  EXPECT_EQ(changed(keys(other_images, tiny_pretraining())), 20);
  PretrainSection longer = tiny_pretraining();
  longer.max_steps = 31;  // nothing to those that are not pre-trained
  EXPECT_EQ(changed(keys(tiny_comparison(), longer)), 8);
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

TEST(Comparison, ThePrintedWorkIsWhatIsLeft) {
  Observer silent;
  CountingStore store;
  const ComparisonInputs inputs = tiny_comparison();
  const EvaluateOptions options = tiny_options();
  const PretrainSection pretraining = tiny_pretraining();
  const auto work = [&] {
    ComparisonCost cost(inputs, options, pretraining);
    return planned_work(plan_comparison(inputs, options, pretraining, 1), inputs, store, cost);
  };
  const std::vector<PlannedWork> before = work();
  ASSERT_EQ(before.size(), 3u);
  EXPECT_EQ(before[0].method, "none");
  EXPECT_EQ(before[0].cells, 8);
  EXPECT_EQ(before[1].cells, 8);
  EXPECT_EQ(before[2].cells, 4);
  EXPECT_GT(before[1].seconds, before[0].seconds);  // it is pre-trained
  store.fail_at = 5;
  EXPECT_THROW(compare(inputs, options, pretraining, 1, store, silent), Error);
  EXPECT_EQ(work()[0].finished, 4);
  EXPECT_EQ(work()[1].finished, 1);
  store.fail_at = -1;
  compare(inputs, options, pretraining, 1, store, silent);
  EXPECT_EQ(total_seconds(work()), 0);
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
  PretrainSection pretraining = tiny_pretraining();
  pretraining.recipe = "fixed";
  pretraining.epochs = 2;
  const auto rows = compare_tiny(inputs, tiny_options(), pretraining);
  EXPECT_EQ(rows[0].recipe->lr, 0.03);
  EXPECT_EQ(rows[0].recipe->steps, 8);
}

TEST(Comparison, RefusesInputsThatDoNotFit) {
  const auto message = [&](const ComparisonInputs& inputs, const EvaluateOptions& options,
                           const PretrainSection& pretraining) -> std::string {
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
