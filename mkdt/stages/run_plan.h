// Estimates what a run will take before it is begun: time, memory and disk of each stage.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkdt/base/observer.h"
#include "mkdt/run/config.h"
#include "mkdt/run/run.h"
#include "mkdt/stages/resource_check.h"

namespace mkdt {

struct PlannedStage {
  std::string name;
  std::string reason;      // why it has to be done; empty: it is done
  StageEstimate estimate;  // for a stage that is done: what it took, its disk aside
};

struct RunPlan {
  std::vector<PlannedStage> stages;  // in order
  Available available;
  double seconds = 0;                 // of the stages that are left
  int64_t memory = 0;                 // of the one that needs most
  int64_t disk = 0;                   // of all that are left
  std::vector<std::string> notes;     // what the numbers assume
  std::vector<std::string> warnings;  // what does not suffice, and which option to change
};

// Tries the steps of every stage of `mkdt run` that is not done in `folder`, at their real sizes,
// for some seconds each. Writes nothing there, and needs no folder. Throws what a run would throw
// for a configuration that cannot work.
RunPlan plan_run(const Config& config, const std::filesystem::path& folder, Observer& observer);
// Plans the same where run.available() may have been assumed.
RunPlan plan_run(Run& run);

}  // namespace mkdt
