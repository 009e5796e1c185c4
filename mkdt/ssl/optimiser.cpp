#include "mkdt/ssl/optimiser.h"

#include <torch/optim/adamw.h>
#include <torch/optim/sgd.h>
#include <torch/utils.h>

namespace mkdt {
namespace {

constexpr double kTrust = 1e-3;

std::unique_ptr<torch::optim::OptimizerOptions> group_options(const OptimiserOptions& options,
                                                              double lr, double decay) {
  if (options.optimiser == "adamw") {
    return std::make_unique<torch::optim::AdamWOptions>(
        torch::optim::AdamWOptions(lr).weight_decay(decay));
  }
  const bool lars = options.optimiser == "lars";
  return std::make_unique<torch::optim::SGDOptions>(
      torch::optim::SGDOptions(lr).momentum(options.momentum).weight_decay(lars ? 0 : decay));
}

}  // namespace

bool decays(const torch::Tensor& parameter) { return parameter.dim() > 1 && parameter.size(0) > 1; }

std::unique_ptr<torch::optim::Optimizer> make_optimiser(
    const std::vector<torch::Tensor>& parameters, const OptimiserOptions& options, double lr) {
  std::vector<torch::Tensor> decaying, others;
  for (const torch::Tensor& parameter : parameters) {
    if (!parameter.requires_grad()) continue;
    (decays(parameter) ? decaying : others).push_back(parameter);
  }
  const std::vector<torch::optim::OptimizerParamGroup> groups = {
      {std::move(decaying), group_options(options, lr, options.weight_decay)},
      {std::move(others), group_options(options, lr, 0)}};
  if (options.optimiser == "adamw") {
    return std::make_unique<torch::optim::AdamW>(groups, torch::optim::AdamWOptions(lr));
  }
  return std::make_unique<torch::optim::SGD>(groups, torch::optim::SGDOptions(lr));
}

void set_learning_rate(torch::optim::Optimizer& optimiser, double lr) {
  for (torch::optim::OptimizerParamGroup& group : optimiser.param_groups()) {
    group.options().set_lr(lr);
  }
}

void scale_gradients(const std::vector<torch::Tensor>& parameters, double weight_decay) {
  const torch::NoGradGuard no_grad;
  for (const torch::Tensor& w : parameters) {
    if (!decays(w) || !w.grad().defined()) continue;
    torch::Tensor g = w.grad();
    g.add_(w, weight_decay);
    const torch::Tensor size = w.norm();
    const torch::Tensor step = g.norm();
    g.mul_(torch::where((size > 0).logical_and(step > 0), kTrust * size / step,
                        torch::ones_like(size)));
  }
}

}  // namespace mkdt
