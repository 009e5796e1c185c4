// Makes a comparison with stand-ins for what does not exist yet, so that its cost can be measured,
// and its trial.
#pragma once

#include <memory>

#include "mkdt/compare/comparison_inputs.h"
#include "mkdt/compare/comparison_store.h"
#include "mkdt/run/run.h"
#include "mkdt/stages/trial.h"

namespace mkdt {

// Returns full_comparison() as it will be when the stages `unfinished` are done: of the same sizes,
// with random numbers for representations and real images for synthetic ones where they are
// missing. Methods whose stages are done are the real ones.
ComparisonInputs rehearsal(Run& run, const StageNames& unfinished);

// Returns comparison_inputs() in the same way: without encoders and candidates.
ComparisonInputs expected_comparison_inputs(Run& run, const StageNames& unfinished);

// Returns the trial of the cells that `store` does not have: time by ComparisonCost, memory by a
// step of each kind of pre-training and by judging the largest downstream set on each encoder.
StageTrial comparison_trial(Run& run, std::shared_ptr<const ComparisonInputs> inputs,
                            std::shared_ptr<const ComparisonStore> store);

}  // namespace mkdt
