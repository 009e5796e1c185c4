#include "mkdt/pipeline/learned_set_trial.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/trial_inputs.h"
#include "mkdt/pipeline/trial_steps.h"

namespace mkdt {

StageTrial experts_trial(Run& run, const StageNames& unfinished) {
  const ExpertOptions& options = run.config().experts;
  const NetworkPtr network = expected_student(run, unfinished);
  const auto images = static_cast<double>(run.images(Part::kTrain).size());
  const int64_t epochs = run.config().expert_epochs();
  const double steps = static_cast<double>(options.count * epochs) * images;

  StageTrial trial;
  trial.steps.push_back(regression_step(run, network, "experts.batch", options.batch, 0));
  StageStep& step = trial.steps.back();
  step.count = steps / static_cast<double>(step.batch);
  const int64_t number = options.dtype == "bfloat16" ? 2 : 4;  // bytes
  const int64_t trajectory = (epochs + 1) * network->layout().size() * number;
  trial.held_memory = 2 * trajectory;  // its epochs, and the matrix of them
  trial.disk = options.count * trajectory + disk_of_recording(trajectory, network->layout().size());
  trial.disk_option = "experts.count";
  return trial;
}

}  // namespace mkdt
