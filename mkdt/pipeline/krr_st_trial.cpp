#include <algorithm>

#include "mkdt/baseline/krr_st.h"
#include "mkdt/pipeline/learned_set_trial.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/trial_inputs.h"
#include "mkdt/pipeline/trial_steps.h"

namespace mkdt {
namespace {

Seconds differentiate(Run& run, const Network& student, int64_t batch, int64_t steps) {
  const ImageSet& train = run.images(Part::kTrain);
  const auto targets = [&](int64_t rows) {
    return stand_in({rows, student.output_dim()}, run.device());
  };
  const torch::Tensor theta = initial_encoder(student, /*seed=*/0, run.device());
  const torch::Tensor images = some_images(train, set_size(run)).normalised(run.device());
  const ImageSet real = some_images(train, batch);
  const torch::Tensor own = targets(images.size(0)), given = targets(batch);
  return seconds_of(steps, run.device(), [&] {
    krr_st_gradient(student, theta, images, own, real.normalised(run.device()), given,
                    run.config().krr_st.ridge);
  });
}

}  // namespace

StageTrial krr_st_trial(Run& run, const StageNames& unfinished) {
  const KrrStOptions& options = run.config().krr_st;
  const NetworkPtr student = expected_student(run, unfinished);
  StageStep step;
  step.name = "gradient";
  step.option = "krr_st.batch";
  step.batch = std::min(options.batch, run.images(Part::kTrain).size());
  step.count = static_cast<double>(options.steps);
  step.run = [&run, student](int64_t batch, int64_t steps) {
    return differentiate(run, *student, batch, steps);
  };
  // Students of the pool start at random ages below the one at which they start anew.
  const auto life = static_cast<double>(options.reinitialise_after);
  const double ages = static_cast<double>(options.pool) * std::max(life - 1, 0.0) / 2;

  StageTrial trial;
  trial.steps.push_back(step);
  trial.steps.push_back(
      regression_step(run, student, "subset.size", set_size(run), step.count + ages));
  add_learned_set(run, student->output_dim(), options.steps, trial);
  constexpr int64_t kFilesAtOnce = 3, kNumbers = 2;  // parameters and velocities
  const int64_t pool = options.pool * student->layout().size() * kNumbers * 4;
  trial.held_memory += 2 * pool;  // as it is, and as a checkpoint has it
  trial.disk += kFilesAtOnce * pool;
  add_recipe_search(run, student, trial);
  return trial;
}

}  // namespace mkdt
