// What the stages that learn a synthetic set hold and write besides their steps.
#pragma once

#include <cstdint>

#include "mkdt/pipeline/run.h"
#include "mkdt/pipeline/stage_trial.h"

namespace mkdt {

// Images and `outputs` numbers of target an image, the optimiser's moments of both, the state to go
// back to, checkpoints, the file and its pictures, and two lines of metrics for each of
// `iterations`.
void add_learned_set(Run& run, int64_t outputs, int64_t iterations, StageTrial& trial);

// Bytes of one expert's checkpoints while it is in training: two, and the next one's temporary
// file. `trajectory` is the size of a finished one in bytes.
int64_t disk_of_recording(int64_t trajectory, int64_t parameters);

}  // namespace mkdt
