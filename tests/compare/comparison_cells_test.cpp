#include <set>

#include <gtest/gtest.h>

#include "mkdt/compare/comparison.h"
#include "mkdt/compare/comparison_cost.h"
#include "tests/compare/tiny_comparison.h"

namespace mkdt {
namespace {

using testing::compare_tiny;
using testing::CountingStore;
using testing::row_of;
using testing::tiny_comparison;
using testing::tiny_options;
using testing::tiny_pretraining;

// Whichever cell it is interrupted in: that one is done again and no other.
TEST(ComparisonCells, GoesOnFromTheCellThatItWasIn) {
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

TEST(ComparisonCells, WhatChangesIsDoneAgainAndNothingElse) {
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

TEST(ComparisonCells, RecordsCurvesOfTheFirstSeed) {
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
    ComparisonRow wanted;
    wanted.method = "full";
    wanted.encoder = "convnet";
    wanted.dataset = points->back().dataset;
    wanted.labels = LabelBudget{0.5, 0};
    const ComparisonRow& last = row_of(rows, wanted);
    EXPECT_EQ(points->back().step, last.recipe->steps);
    EXPECT_EQ(points->back().representation_loss, *last.representation_loss);
    EXPECT_EQ(points->back().accuracy, last.accuracy);
    EXPECT_EQ(points->back().labels, LabelBudget({0.5, 0}).code());
  }
  EXPECT_EQ(curves, 1);
}

TEST(ComparisonCells, ACurveThatIsMissingIsRecordedAfterwards) {
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

TEST(ComparisonCells, KeysKnowWhatNumbersDependOn) {
  const auto keys = [](const ComparisonInputs& inputs, const PretrainOptions& pretraining) {
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
  PretrainOptions longer = tiny_pretraining();
  longer.max_steps = 31;  // nothing to those that are not pre-trained
  EXPECT_EQ(changed(keys(tiny_comparison(), longer)), 8);
}

TEST(ComparisonCells, ThePrintedWorkIsWhatIsLeft) {
  Observer silent;
  CountingStore store;
  const ComparisonInputs inputs = tiny_comparison();
  const EvaluateOptions options = tiny_options();
  const PretrainOptions pretraining = tiny_pretraining();
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

}  // namespace
}  // namespace mkdt
