#include "mkdt/pipeline/learned_set_trial.h"

#include "mkdt/pipeline/trial_inputs.h"

namespace mkdt {

void add_learned_set(Run& run, int64_t outputs, int64_t iterations, StageTrial& trial) {
  constexpr int64_t kWithMoments = 3;
  constexpr int64_t kStates = 3;          // present, good, and the one that is made or written
  constexpr int64_t kStatesKept = 2;      // in a checkpoint: present and good
  constexpr int64_t kFilesAtOnce = 3;     // two checkpoints and the next one's temporary file
  constexpr int64_t kMetrics = 500;       // bytes an iteration
  constexpr int64_t kPictures = 4 << 20;  // bytes; the sheet has 200 images at most
  const int64_t set =
      set_size(run) * (pixel_count(run) + outputs) * static_cast<int64_t>(sizeof(float));
  trial.held_memory += kStates * kWithMoments * set;
  trial.disk +=
      kFilesAtOnce * kStatesKept * kWithMoments * set + set + kPictures + kMetrics * iterations;
  trial.disk_option = "subset.size";
}

int64_t disk_of_recording(int64_t trajectory, int64_t parameters) {
  constexpr int64_t kFilesAtOnce = 3;     // two checkpoints and the next one's temporary file
  constexpr int64_t kStudentNumbers = 2;  // a parameter and its velocity
  return kFilesAtOnce *
         (trajectory + kStudentNumbers * parameters * static_cast<int64_t>(sizeof(float)));
}

}  // namespace mkdt
