// What a comparison will take, and the steps that need its memory.
#pragma once

#include <memory>

#include "mkdt/eval/comparison_inputs.h"
#include "mkdt/eval/comparison_store.h"
#include "mkdt/pipeline/run.h"
#include "mkdt/pipeline/stage_trial.h"

namespace mkdt {

// Of the cells that `store` does not have: time by ComparisonCost, memory by a step of each kind of
// pre-training and by the judging of the largest downstream set on each encoder.
StageTrial comparison_trial(Run& run, std::shared_ptr<const ComparisonInputs> inputs,
                            std::shared_ptr<const ComparisonStore> store);

}  // namespace mkdt
