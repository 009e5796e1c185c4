#include "mkdt/eval/pretrain.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "mkdt/core/finite.h"
#include "mkdt/core/random.h"
#include "mkdt/data/batches.h"

namespace mkdt {
namespace {

DivergedError diverged(int64_t step, double lr) {
  return DivergedError(fmt::format(
      "pre-training diverged at step {} with learning rate {}: expected a lower pretrain.lr", step,
      lr));
}

}  // namespace

torch::Tensor initial_encoder(const Network& network, uint64_t seed, torch::Device device) {
  at::Generator generator = make_generator(seed, "eval/initialisation");
  return network.initialise(generator).to(device);
}

torch::Tensor pretrain(const Network& network, const RegressionSet& set, int64_t steps,
                       const PretrainOptions& options, uint64_t seed, const AfterStep& after_step) {
  const torch::Device device = set.targets.device();
  at::Generator order = make_generator(seed, "eval/order");
  Student student;
  student.theta = initial_encoder(network, seed, device);
  int64_t step = 0;
  const LastBatch last = options.short_batches ? LastBatch::kShort : LastBatch::kDropped;
  for (const torch::Tensor& batch :
       batches_for_steps(set.size(), options.batch, steps, order, last)) {
    const torch::Tensor targets = set.targets.index_select(0, batch.to(device));
    const double loss = sgd_step(network, student, set.images_at(batch), targets, options.sgd);
    ++step;
    if (!std::isfinite(loss)) throw diverged(step, options.sgd.lr);
    if (after_step) after_step(step, student.theta);
  }
  if (!all_finite(student.theta)) throw diverged(step, options.sgd.lr);
  return student.theta;
}

double representation_loss(const Network& network, const torch::Tensor& theta,
                           const RegressionSet& held_out) {
  const auto images_at = [&](int64_t begin, int64_t end) {
    return held_out.images_at(torch::arange(begin, end, torch::kLong));
  };
  return mean_regression_loss(network, theta, images_at, held_out.targets);
}

}  // namespace mkdt
