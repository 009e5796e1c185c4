#include "mkdt/eval/pretraining.h"

#include "mkdt/eval/fitted_head.h"

namespace mkdt {
namespace {

constexpr double kRidge = 1e-3;  // relative to the features' mean square

}  // namespace

Pretraining regression_pretraining(const RegressionSet& set, double syn_lr) {
  Pretraining pretraining;
  pretraining.train = [set](const NetworkPtr& network, int64_t steps,
                            const PretrainOptions& options, uint64_t seed,
                            const AfterStep& after_step) {
    return pretrain(*network, set, steps, options, seed, after_step);
  };
  pretraining.set_size = set.size();
  pretraining.syn_lr = syn_lr;
  return pretraining;
}

HeldOutLoss loss_on(const RegressionSet& held_out) {
  return [held_out](const Network& network, const torch::Tensor& theta) {
    return representation_loss(network, theta, held_out);
  };
}

HeldOutLoss loss_of_fitted_head(const RegressionSet& training, const RegressionSet& held_out) {
  return [training, held_out](const Network& network, const torch::Tensor& theta) {
    return representation_loss(network, with_fitted_head(network, theta, training, kRidge),
                               held_out);
  };
}

}  // namespace mkdt
