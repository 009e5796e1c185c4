// Refuses to begin a stage that memory or disk will not do for.
#pragma once

#include <string>

#include "mkdt/pipeline/stage.h"
#include "mkdt/pipeline/stage_estimate.h"

namespace mkdt {

// "needs about 9.3 GB of memory, 9.1 GB more than now, and 3.9 GB are available (limit …)"; empty
// if it suffices.
std::string shortage_of_memory(const StageEstimate& estimate, const AvailableMemory& available);
// "writes up to 9.3 GB, and 3.9 GB are free in 'runs/demo'". `there` bytes of it are there already.
std::string shortage_of_disk(const Run& run, int64_t disk, int64_t there, int64_t available);

// "lower teacher.batch (256)"; empty for no option.
std::string advice(const Config& config, const std::string& option);

// Of the files that the stage left in the run's folder.
int64_t bytes_there(const Run& run, const std::string& stage);

// Tries the stage's steps at an eighth and a quarter of their batches, which is quick, and takes
// from that what whole ones need. Error if the stage would need more than run.available(), naming
// both and the option to change. Does nothing where runtime.check_resources is off, and writes no
// files. The stages that it reads from are done.
void check_resources(Run& run, const Stage& stage);

}  // namespace mkdt
