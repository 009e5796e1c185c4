#include "mkdt/distill/representation_task.h"

#include <utility>
#include <vector>

#include "mkdt/base/observer.h"
#include "mkdt/base/random.h"
#include "mkdt/data/batches.h"
#include "mkdt/nn/regression.h"

namespace mkdt {
namespace {

class RepresentationTasks {
 public:
  RepresentationTasks(const Network& network, RegressionSet real, const DistillOptions& options,
                      const Observer& observer)
      : network_(network), options_(options), observer_(observer), real_(std::move(real)) {}

  OuterTask draw(const DistillState& state, at::Generator& generator) {
    const int64_t steps = draw_below(options_.max_free_steps + 1, generator);
    const Student student = after_free_steps(state, steps, generator);
    const torch::Tensor rows =
        batches_for_steps(real_.size(), options_.real_batch, 1, generator).front();
    if (on_real_ == nullptr) on_real_ = make_regression_gradient(network_, student.theta);
    const torch::Tensor targets = real_.targets.index_select(0, rows.to(real_.targets.device()));
    return {student.theta, regression_objective(on_real_, real_.images_at(rows), targets),
            student.velocity};
  }

 private:
  // A loss that overflows here is found by the iteration that follows.
  Student after_free_steps(const DistillState& state, int64_t steps, at::Generator& generator) {
    Student student;
    student.theta = network_.initialise(generator).to(state.images.device());
    student.gradient = on_synthetic_;
    for (const torch::Tensor& rows : batches_for_steps(state.images.size(0), options_.batch, steps,
                                                       generator, options_.last_batch())) {
      throw_if_stopped(observer_);
      free_step(network_, student, state, rows, options_);
    }
    on_synthetic_ = student.gradient;
    return student;
  }

  const Network& network_;
  const DistillOptions& options_;
  const Observer& observer_;
  RegressionSet real_;
  std::shared_ptr<RegressionGradient> on_synthetic_, on_real_;  // made once, at first use
};

}  // namespace

OuterObjective regression_objective(std::shared_ptr<RegressionGradient> gradient,
                                    const torch::Tensor& images, const torch::Tensor& targets) {
  return [gradient = std::move(gradient), images, targets](const torch::Tensor& theta) {
    const auto [loss, along] = gradient->at(theta, images, targets);
    return OuterLoss{loss, along};
  };
}

void free_step(const Network& network, Student& student, const DistillState& state,
               const torch::Tensor& rows, const DistillOptions& options) {
  const SgdOptions sgd = {state.syn_lr, options.syn_momentum, /*weight_decay=*/0};
  const torch::Tensor here = rows.to(state.images.device());
  sgd_step(network, student, state.images.index_select(0, here),
           state.targets.index_select(0, here), sgd);
}

DrawOuterTask representation_tasks(const Network& network, RegressionSet real,
                                   const DistillOptions& options, const Observer& observer) {
  const auto tasks =
      std::make_shared<RepresentationTasks>(network, std::move(real), options, observer);
  return [tasks](const DistillState& state, at::Generator& generator) {
    return tasks->draw(state, generator);
  };
}

}  // namespace mkdt
