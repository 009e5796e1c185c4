#include "mkdt/pipeline/learned_set_trial.h"

#include "mkdt/pipeline/trial_inputs.h"

namespace mkdt {

void add_learned_set(Run& run, int64_t outputs, int64_t iterations, StageTrial& trial) {
  constexpr int64_t kWithMoments = 3;
  constexpr int64_t kStates = 3;          // present, good, and the one that is made or written
  constexpr int64_t kFilesAtOnce = 3;     // two checkpoints and the next one's temporary file
  constexpr int64_t kMetrics = 500;       // bytes an iteration
  constexpr int64_t kPictures = 4 << 20;  // bytes; the sheet has 200 images at most
  const int64_t set =
      set_size(run) * (pixel_count(run) + outputs) * static_cast<int64_t>(sizeof(float));
  trial.held_memory += kStates * kWithMoments * set;
  trial.disk += kFilesAtOnce * kWithMoments * set + set + kPictures + kMetrics * iterations;
  trial.disk_option = "subset.size";
}

}  // namespace mkdt
