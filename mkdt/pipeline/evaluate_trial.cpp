#include <memory>
#include <utility>

#include "mkdt/pipeline/comparison_files.h"
#include "mkdt/pipeline/comparison_rehearsal.h"
#include "mkdt/pipeline/comparison_trial.h"
#include "mkdt/pipeline/run_comparison.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/trial_inputs.h"

namespace mkdt {

StageTrial evaluate_trial(Run& run, const StageNames& unfinished) {
  auto inputs = std::make_shared<const ComparisonInputs>(rehearsal(run, unfinished));
  auto files = std::make_shared<const ComparisonFiles>(run.folder() / "evaluate", run.observer());
  StageTrial trial = comparison_trial(run, std::move(inputs), std::move(files));
  if (run.config().pretrain.searches()) {
    trial.notes.push_back(
        "Recipes that are not chosen yet count with all of pretrain.max_steps: evaluate may take "
        "less.");
  }
  return trial;
}

StageTrial probe_trial(Run& run, const StageNames& unfinished) {
  const NetworkPtr student = expected_student(run, unfinished);
  auto inputs = std::make_shared<ComparisonInputs>(expected_comparison_inputs(run, unfinished));
  inputs->encoders = {named_network(student)};
  Candidate candidate;
  candidate.method = "distilled";
  candidate.theta = initial_encoder(*student, /*seed=*/0, run.device());
  inputs->candidates = {candidate};
  return comparison_trial(run, std::move(inputs), std::make_shared<const ComparisonStore>());
}

}  // namespace mkdt
