// A comparison of tiny encoders on tiny sets, and a store that counts.
#pragma once

#include <memory>
#include <stdexcept>
#include <vector>

#include "mkdt/base/error.h"
#include "mkdt/compare/comparison.h"
#include "tests/judge/judge_fixture.h"

namespace mkdt::testing {

inline ComparisonInputs tiny_comparison() {
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

inline EvaluateOptions tiny_options() {
  EvaluateOptions options;
  options.label_fractions = {0.1, 0.5};
  options.seeds = 2;
  return options;
}

inline PretrainOptions tiny_pretraining() {
  PretrainOptions section;
  section.lrs = {0.02, 0.1};
  section.max_steps = 30;
  section.evaluations = 3;
  section.batch = 16;
  return section;
}

inline std::vector<ComparisonRow> compare_tiny(
    const ComparisonInputs& inputs, const EvaluateOptions& options = tiny_options(),
    const PretrainOptions& pretraining = tiny_pretraining(), uint64_t seed = 1) {
  ComparisonStore store;
  Observer silent;
  return compare(inputs, options, pretraining, seed, store, silent);
}

inline const ComparisonRow& row_of(const std::vector<ComparisonRow>& rows,
                                   const ComparisonRow& wanted) {
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

}  // namespace mkdt::testing
