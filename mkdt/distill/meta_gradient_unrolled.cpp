#include <torch/csrc/autograd/autograd.h>

#include "mkdt/distill/meta_gradient.h"

namespace mkdt {
namespace {

// Keeps nothing: the graph is another one for every problem.
class UnrolledEngine final : public MetaGradientEngine {
 public:
  MetaGradient solve(const InnerProblem& problem, const OuterObjective& objective) override;
};

MetaGradient UnrolledEngine::solve(const InnerProblem& problem, const OuterObjective& objective) {
  const NetworkPtr network = problem.network.with_operators(Operators::kStock);
  const torch::Tensor images = problem.images.detach().requires_grad_(true);
  const torch::Tensor targets = problem.targets.detach().requires_grad_(true);
  const torch::Tensor lr =
      torch::full({}, problem.lr, problem.images.options()).requires_grad_(true);

  MetaGradient result;
  torch::Tensor theta = problem.theta_start.detach().requires_grad_(true);
  torch::Tensor velocity = start_velocity(problem);
  for (const torch::Tensor& batch : problem.batches) {
    begin_step(problem);
    const auto step = static_cast<int64_t>(result.inner_losses.size());
    const torch::Tensor loss =
        inner_loss(problem, *network, step, theta, images.index_select(0, batch),
                   targets.index_select(0, batch));
    const torch::Tensor gradient =
        torch::autograd::grad({loss}, {theta}, {}, /*retain_graph=*/true, /*create_graph=*/true)[0];
    velocity = problem.momentum * velocity + gradient;
    theta = theta - lr * velocity;
    result.inner_losses.push_back(loss.item<double>());
  }

  result.theta_final = theta.detach();
  const OuterLoss outer = objective(result.theta_final);
  const auto gradients =
      torch::autograd::grad({theta}, {images, targets, lr}, {outer.gradient},
                            /*retain_graph=*/{}, /*create_graph=*/false, /*allow_unused=*/true);
  result.loss = outer.value;
  result.images = gradients[0];
  result.targets = gradients[1].defined() ? gradients[1] : torch::zeros_like(problem.targets);
  result.lr = gradients[2].item<double>();
  return result;
}

}  // namespace

MetaGradientEnginePtr unrolled_engine() { return std::make_unique<UnrolledEngine>(); }

}  // namespace mkdt
