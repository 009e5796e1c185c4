// The comparison: methods × encoders × downstream sets × protocols × label budgets × seeds.
#pragma once

#include <cstdint>
#include <vector>

#include "mkdt/core/observer.h"
#include "mkdt/eval/comparison_inputs.h"
#include "mkdt/eval/comparison_plan.h"
#include "mkdt/eval/comparison_row.h"
#include "mkdt/eval/comparison_store.h"
#include "mkdt/eval/evaluate_options.h"
#include "mkdt/eval/pretrain_options.h"

namespace mkdt {

// For each method and encoder the recipe is chosen once (searched with one seed that all share, or
// fixed); then for each seed the encoder is pre-trained from the initialisation that all methods
// share, and judged with label samples that all share. Test labels are read for accuracies only.
// Without a downstream set the rows hold representation losses alone.
//
// Cells that `store` has are not done again, and what is found goes there at once: an interrupted
// comparison loses the cell that it was in. Runs on the device of the targets.
// A method whose pre-training or fine-tuning diverges is left out, with a warning, and reported by
// an Error after all others. Throws Error, naming the method, if a downstream set is unlabelled or
// given features do not fit their images.
std::vector<ComparisonRow> compare(const ComparisonInputs& inputs, const EvaluateOptions& options,
                                   const PretrainSection& pretraining, uint64_t seed,
                                   ComparisonStore& store, Observer& observer);

// The rows that there are so far, in the order of encoders (those whose features are given last),
// candidates, seeds, data sets, protocols, budgets.
std::vector<ComparisonRow> finished_rows(std::vector<PlannedEncoding> plan,
                                         const ComparisonStore& store);

}  // namespace mkdt
