#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "mkdt/pipeline/comparison_files.h"
#include "mkdt/pipeline/comparison_rehearsal.h"
#include "mkdt/pipeline/comparison_trial.h"
#include "mkdt/pipeline/run_comparison.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/trial_inputs.h"
#include "mkdt/pipeline/trial_steps.h"

namespace mkdt {
namespace {

// Of the images of all sets but the first, whose representations there are.
void add_teacher(Run& run, const StageNames& unfinished, const std::vector<DownstreamSet>& sets,
                 StageTrial& trial) {
  const EvaluateOptions& options = run.config().evaluate;
  const bool asked =
      std::find(options.methods.begin(), options.methods.end(), "teacher") != options.methods.end();
  if (!asked || sets.size() < 2) return;
  const std::optional<ImageEncoder> encoder = expected_teacher(run, unfinished);
  if (!encoder) return;
  int64_t images = 0;
  for (size_t i = 1; i < sets.size(); ++i) images += sets[i].train.size() + sets[i].test.size();
  trial.steps.push_back(encode_step(run, *encoder, static_cast<double>(options.seeds * images)));
}

}  // namespace

StageTrial evaluate_trial(Run& run, const StageNames& unfinished) {
  auto inputs = std::make_shared<const ComparisonInputs>(rehearsal(run, unfinished));
  auto files = std::make_shared<const ComparisonFiles>(run.folder() / "evaluate", run.observer());
  StageTrial trial = comparison_trial(run, inputs, std::move(files));
  add_teacher(run, unfinished, inputs->downstream, trial);
  if (run.config().pretrain.searches()) {
    trial.at_most = true;
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
