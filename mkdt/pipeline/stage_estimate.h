// What a stage will need, from trying its steps on this machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mkdt/pipeline/run.h"
#include "mkdt/pipeline/stage_trial.h"

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

// One step of an eighth and one of a quarter of each batch: memory of whole ones by the straight
// line through both; seconds too, roughly.
StageEstimate quick_estimate(const StageTrial& trial);

// Whole steps, several of each kind and one kind after the other, as long as the quick estimate
// says that one takes less than ten seconds and memory suffices; the quick estimate's numbers for
// the others.
StageEstimate full_estimate(const StageTrial& trial,
                            const std::optional<AvailableMemory>& available);

}  // namespace mkdt
