// Estimates what a stage will need by trying its steps on this machine, and refuses to begin a
// stage for which memory or disk does not suffice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mkdt/run/run.h"
#include "mkdt/stages/stage.h"
#include "mkdt/stages/trial.h"

namespace mkdt {

struct StageEstimate {
  double seconds = 0;
  bool at_most = false;       // the seconds: it may take fewer
  int64_t memory = 0;         // bytes at most, of the whole process
  std::string memory_option;  // what to lower where they do not suffice; empty: nothing helps
  int64_t disk = 0;           // bytes at most that its files take, temporary ones included
  std::string disk_option;
  std::vector<std::string> notes;
};

// Tries one step of an eighth and one of a quarter of each batch, and extends memory and, roughly,
// seconds to whole batches by the straight line through both.
StageEstimate quick_estimate(const StageTrial& trial);

// Tries whole steps, several of each kind and one kind after the other, as long as the quick
// estimate says that one takes less than ten seconds and memory suffices; for the others it takes
// the quick estimate's numbers.
StageEstimate full_estimate(const StageTrial& trial,
                            const std::optional<AvailableMemory>& available);

// Returns "needs about 9.3 GB of memory, 9.1 GB more than now, and 3.9 GB are available (limit …)";
// empty if it suffices.
std::string shortage_of_memory(const StageEstimate& estimate, const AvailableMemory& available);
// Returns "writes up to 9.3 GB, and 3.9 GB are free in 'runs/demo'"; empty if it suffices. `there`
// bytes of it are there already.
std::string shortage_of_disk(const Run& run, int64_t disk, int64_t there, int64_t available);

// Returns "lower teacher.batch (256)"; empty for no option.
std::string advice(const Config& config, const std::string& option);

// Returns the bytes of the files that the stage left in the run's folder.
int64_t bytes_there(const Run& run, const std::string& stage);

// Tries the stage's steps at an eighth and a quarter of their batches, which is quick, and
// estimates from that what whole ones need. Throws Error if the stage would need more than
// run.available(), naming both and the option to change. Does nothing where runtime.check_resources
// is off, and writes no files. The stages that it reads from are done.
void check_resources(Run& run, const Stage& stage);

}  // namespace mkdt
