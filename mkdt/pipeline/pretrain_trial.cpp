#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "mkdt/distill/synthetic_set.h"
#include "mkdt/pipeline/carried_recipe.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/trial_inputs.h"
#include "mkdt/pipeline/trial_steps.h"

namespace mkdt {
namespace {

// Those of the set's recipe; while there is none, as many as it may have.
int64_t steps_of(Run& run, const StageNames& unfinished, StageTrial& trial) {
  const PretrainSection& pretrain = run.config().pretrain;
  if (unfinished.count("distill") == 0) {
    const std::filesystem::path path = run.path("distill", "distilled.safetensors");
    return carried_recipe(read_synthetic_set(path), path).steps;
  }
  if (!pretrain.searches()) return pretrain.fixed(set_size(run), 0).steps;
  trial.at_most = true;
  trial.notes.push_back(fmt::format(
      "The recipe's steps are not known yet: {} of them (pretrain.max_steps) are counted.",
      pretrain.max_steps));
  return pretrain.max_steps;
}

}  // namespace

StageTrial pretrain_trial(Run& run, const StageNames& unfinished) {
  const NetworkPtr student = expected_student(run, unfinished);
  StageTrial trial;
  const int64_t steps = steps_of(run, unfinished, trial);
  trial.steps.push_back(regression_step(run, student, "pretrain.batch",
                                        std::min(run.config().pretrain.batch, set_size(run)),
                                        static_cast<double>(steps)));
  trial.disk = 2 * student->layout().size() * static_cast<int64_t>(sizeof(float));
  return trial;
}

}  // namespace mkdt
