#include <algorithm>

#include "mkdt/core/random.h"
#include "mkdt/distill/matching_loss.h"
#include "mkdt/distill/meta_gradient.h"
#include "mkdt/pipeline/learned_set_trial.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/trial_inputs.h"
#include "mkdt/pipeline/trial_steps.h"

namespace mkdt {
namespace {

// The differentiated steps of an outer iteration, between two random initialisations.
Seconds iterate(Run& run, const Network& student, int64_t batch, int64_t steps) {
  const DistillOptions& options = run.config().distill;
  const NetworkPtr network = student.with_operators(options.operators());
  const torch::Tensor images =
      some_images(run.images(Part::kTrain), set_size(run)).normalised(run.device());
  const torch::Tensor targets = stand_in({images.size(0), student.output_dim()}, run.device());
  const torch::Tensor start = initial_encoder(student, /*seed=*/0, run.device());
  const torch::Tensor target = initial_encoder(student, /*seed=*/1, run.device());
  at::Generator generator = make_generator(run.seed(), "plan");
  const MetaGradientEngine engine = meta_gradient_engine(options.engine);
  return seconds_of(steps, run.device(), [&] {
    const InnerProblem problem = {*network,
                                  start,
                                  images,
                                  targets,
                                  kSafeRate,
                                  trial_batches(run, images.size(0), batch, options.syn_steps,
                                                generator, options.last_batch())};
    engine(problem, matching_loss(start, target));
  });
}

}  // namespace

StageTrial distill_trial(Run& run, const StageNames& unfinished) {
  const DistillOptions& options = run.config().distill;
  const NetworkPtr student = expected_student(run, unfinished);
  StageStep step;
  step.name = "outer iteration";
  step.option = "distill.batch";
  step.batch = std::min(options.batch, set_size(run));
  step.count = static_cast<double>(options.iterations);
  step.run = [&run, student](int64_t batch, int64_t steps) {
    return iterate(run, *student, batch, steps);
  };
  StageTrial trial;
  trial.steps.push_back(step);
  if (!options.matches_trajectories()) {
    const double free_steps = step.count * static_cast<double>(options.max_free_steps) / 2;
    trial.steps.push_back(regression_step(run, student, "distill.batch", step.batch, free_steps));
    trial.steps.push_back(
        regression_step(run, student, "distill.real_batch", options.real_batch, step.count));
  }
  add_learned_set(run, student->output_dim(), options.iterations, trial);
  add_recipe_search(run, student, trial);
  return trial;
}

}  // namespace mkdt
