// A comparison with stand-ins for what is not there yet: what is measured on it costs as much.
#pragma once

#include "mkdt/eval/comparison_inputs.h"
#include "mkdt/pipeline/run.h"
#include "mkdt/pipeline/stage_trial.h"

namespace mkdt {

// full_comparison() as it will be when the stages `unfinished` are done: of the same sizes, with
// random numbers for representations and real images for synthetic ones where they are missing.
// Methods whose stages are done are the real ones.
ComparisonInputs rehearsal(Run& run, const StageNames& unfinished);

// comparison_inputs() in the same way: without encoders and candidates.
ComparisonInputs expected_comparison_inputs(Run& run, const StageNames& unfinished);

}  // namespace mkdt
