#include "mkdt/nn/regression.h"

#include <torch/utils.h>

namespace mkdt {

torch::Tensor regression_loss(const Network& network, const torch::Tensor& theta,
                              const torch::Tensor& images, const torch::Tensor& targets) {
  return torch::mse_loss(network.outputs(theta, images), targets);
}

double sgd_step(const Network& network, Student& student, const torch::Tensor& images,
                const torch::Tensor& targets, const SgdOptions& options) {
  if (student.gradient == nullptr) {
    student.gradient = make_regression_gradient(network, student.theta);
  }
  const auto [loss, gradient] = student.gradient->at(student.theta, images, targets);

  const torch::NoGradGuard no_grad;
  const torch::Tensor theta = student.theta.detach();
  const torch::Tensor step = gradient.add(theta, options.weight_decay);
  student.velocity =
      student.velocity.defined() ? student.velocity.mul(options.momentum).add_(step) : step;
  student.theta = theta.sub(student.velocity, options.lr);
  return loss;
}

double mean_regression_loss(const Network& network, const torch::Tensor& theta,
                            const ImageRange& images_at, const torch::Tensor& targets) {
  const torch::Tensor outputs = outputs_in_batches(network, theta, images_at, targets.size(0));
  return torch::mse_loss(outputs.to(torch::kFloat64), targets.to(torch::kFloat64)).item<double>();
}

}  // namespace mkdt
