// Plans the cells of a comparison, each with a key, in the order in which they are computed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mkdt/compare/comparison_inputs.h"
#include "mkdt/compare/evaluate_options.h"
#include "mkdt/distill/recipe.h"
#include "mkdt/judge/label_budget.h"

namespace mkdt {

// One number of the result. Its key is a checksum of everything that the number depends on: equal
// keys mean equal numbers.
struct PlannedCell {
  std::optional<size_t> downstream;  // index; none: representation losses alone
  std::string protocol;
  std::optional<LabelBudget> labels;
  std::string key;
};

// One encoder of one method and one seed, and the cells that it is judged in.
struct PlannedEncoding {
  size_t candidate = 0;
  std::optional<size_t> encoder;  // none: the candidate's features are given
  int64_t seed = 0;
  uint64_t stream = 0;     // what initialisation, order and label samples are derived from
  std::string recipe_key;  // equal where the same search would be made
  std::string key;
  std::string curve_key;  // of the pre-training's curve; empty: none is recorded
  std::vector<PlannedCell> cells;
};

// Plans all methods with the first seed before any with the second, so that an interrupted
// comparison has whole tables. Features that are given are not judged by fine-tuning. Reads all
// pixels once for the keys.
std::vector<PlannedEncoding> plan_comparison(const ComparisonInputs& inputs,
                                             const EvaluateOptions& options,
                                             const PretrainOptions& pretraining, uint64_t seed);

// Returns the name of the encoding's encoder in tables.
std::string encoder_name(const PlannedEncoding& encoding, const ComparisonInputs& inputs);

// Returns the method, encoder and seed as text: "random, convnet 32×3, seed 1".
std::string describe(const PlannedEncoding& encoding, const ComparisonInputs& inputs);

}  // namespace mkdt
