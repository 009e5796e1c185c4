#include "mkdt/distill/representation_task.h"

#include <algorithm>
#include <vector>

#include "mkdt/core/random.h"
#include "mkdt/data/batches.h"
#include "mkdt/nn/regression_gradient.h"

namespace mkdt {
namespace {

// As the inner steps are: no weight decay. A loss that overflows here is found by the iteration
// that follows.
Student after_free_steps(const Network& network, const DistillState& state, int64_t steps,
                         const DistillOptions& options, at::Generator& generator) {
  const SgdOptions sgd = {state.syn_lr, options.syn_momentum, /*weight_decay=*/0};
  Student student;
  student.theta = network.initialise(generator).to(state.images.device());
  for (const torch::Tensor& rows :
       batches_for_steps(state.images.size(0), options.batch, steps, generator)) {
    const torch::Tensor here = rows.to(state.images.device());
    sgd_step(network, student, state.images.index_select(0, here),
             state.targets.index_select(0, here), sgd);
  }
  return student;
}

}  // namespace

OuterObjective regression_objective(const Network& network, const torch::Tensor& images,
                                    const torch::Tensor& targets) {
  return [&network, images, targets](const torch::Tensor& theta) {
    const auto [loss, gradient] =
        make_regression_gradient(network, theta)->at(theta, images, targets);
    return OuterLoss{loss, gradient};
  };
}

DrawOuterTask representation_tasks(const Network& network, const RegressionSet& real,
                                   const DistillOptions& options) {
  return [&network, &real, &options](const DistillState& state, at::Generator& generator) {
    const int64_t steps = draw_below(options.max_free_steps + 1, generator);
    const Student student = after_free_steps(network, state, steps, options, generator);
    const torch::Tensor rows =
        batches_for_steps(real.size(), options.real_batch, 1, generator).front();
    const torch::Tensor targets = real.targets.index_select(0, rows.to(real.targets.device()));
    return OuterTask{student.theta, regression_objective(network, real.images_at(rows), targets),
                     student.velocity};
  };
}

}  // namespace mkdt
