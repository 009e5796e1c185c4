// A stage cut into the steps that it repeats, small enough to be tried before the stage begins.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "mkdt/core/step_time.h"

namespace mkdt {

using StageNames = std::set<std::string>;

// One kind of step, at its real size and by the stage's own code.
struct StageStep {
  std::string name;    // "training step"
  std::string option;  // what to lower where its memory does not suffice: "teacher.batch"
  int64_t batch = 1;   // its size now: images or rows, at least 1
  double count = 0;    // how many of them the stage does; 0: it counts for memory only
  // Does `steps` of them with batches of `batch`, which may be less than it is, and says how long
  // each took. Writes no files.
  std::function<Seconds(int64_t batch, int64_t steps)> run;
  int64_t least_batch = 1;  // that it can do
};

struct StageTrial {
  std::vector<StageStep> steps;
  // Besides the steps; measured when called. May be null.
  std::function<double()> more_seconds;
  // Whether the steps are as many as there may be, because nobody knows yet.
  bool at_most = false;
  // Bytes that are held while the steps are done and that the steps themselves do not have.
  int64_t held_memory = 0;
  // Whether batches change their size (the last one of a set, several sets), so that tensors of the
  // sizes before are kept beside them.
  bool sizes_change = false;
  // Bytes below the run folder at the worst moment, temporary files and two checkpoints included.
  int64_t disk = 0;
  std::string disk_option;         // what to lower where they do not suffice; empty: none
  std::vector<std::string> notes;  // what the numbers assume
};

}  // namespace mkdt
