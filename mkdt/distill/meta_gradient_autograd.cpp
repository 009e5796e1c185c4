// λ_N = ∂J/∂θ_N, d_N = 0;  for i = N−1 … 0 with  d_i = λ_{i+1} + μ d_{i+1},
//   s = ⟨∇_θ L(θ_i; X_b, Z_b), d_i⟩:
//   X̄_b −= α ∂s/∂X_b,  Z̄_b −= α ∂s/∂Z_b,  ᾱ −= s,  λ_i = λ_{i+1} − α ∂s/∂θ_i;
// at last ᾱ −= μ ⟨v_0, d_0⟩. (−α d_i is ∂J/∂v_{i+1}, and ⟨v_{i+1}, λ_{i+1}⟩ summed over i is
// ⟨g_i, d_i⟩ summed over i, with what v_0 adds.) Without momentum d_i is λ_{i+1}.
// Constant memory in N as in TESLA (arXiv 2211.10586), but exact for any loss.
#include <torch/csrc/autograd/autograd.h>

#include "mkdt/distill/meta_gradient.h"
#include "mkdt/distill/step_parameters.h"

namespace mkdt {
namespace {

// One step's leaf variables and its loss, a graph of its own.
struct StepGraph {
  StepGraph(const InnerProblem& problem, int64_t step, const torch::Tensor& theta_i)
      : batch(problem.batches[static_cast<size_t>(step)]),
        theta(theta_i.detach().requires_grad_(true)),
        images(problem.images.detach().index_select(0, batch)),
        targets(problem.targets.detach().index_select(0, batch)) {}

  torch::Tensor loss(const InnerProblem& problem, int64_t step) const {
    return inner_loss(problem, problem.network, step, theta, images, targets);
  }

  const torch::Tensor& batch;
  torch::Tensor theta;    // [P]
  torch::Tensor images;   // X_b, [B,C,H,W]
  torch::Tensor targets;  // Z_b, [B,d]
};

torch::Tensor forward_sweep(const InnerProblem& problem, std::vector<double>& inner_losses) {
  torch::Tensor thetas = step_parameters(problem);
  torch::Tensor velocity = start_velocity(problem);
  for (int64_t i = 0; i < thetas.size(0) - 1; ++i) {
    const StepGraph step(problem, i, thetas[i]);
    const torch::Tensor loss = step.loss(problem, i);
    const torch::Tensor gradient = torch::autograd::grad({loss}, {step.theta})[0];
    velocity.mul_(problem.momentum).add_(gradient);
    thetas[i + 1].copy_(thetas[i]).sub_(velocity, problem.lr);
    inner_losses.push_back(loss.item<double>());
  }
  return thetas;
}

}  // namespace

MetaGradient autograd_meta_gradient(const InnerProblem& problem, const OuterObjective& objective) {
  MetaGradient result;
  const torch::Tensor thetas = forward_sweep(problem, result.inner_losses);
  result.theta_final = thetas[thetas.size(0) - 1].clone();
  const OuterLoss outer = objective(result.theta_final);
  result.loss = outer.value;
  result.images = torch::zeros_like(problem.images);
  result.targets = torch::zeros_like(problem.targets);

  // One block for every λ_i and d_i: a new one would lie among the graph's, and the hole that they
  // leave would not take the next step's.
  const torch::Tensor lambda = outer.gradient.clone(), direction = torch::zeros_like(lambda);
  for (int64_t i = thetas.size(0) - 1; i-- > 0;) {
    StepGraph step(problem, i, thetas[i]);
    step.images.requires_grad_(true);
    step.targets.requires_grad_(true);
    const torch::Tensor gradient =
        torch::autograd::grad({step.loss(problem, i)}, {step.theta}, {}, /*retain_graph=*/true,
                              /*create_graph=*/true)[0];
    direction.mul_(problem.momentum).add_(lambda);
    const torch::Tensor s = gradient.dot(direction);
    const auto gradients =
        torch::autograd::grad({s}, {step.theta, step.images, step.targets}, {}, /*retain_graph=*/{},
                              /*create_graph=*/false, /*allow_unused=*/true);

    lambda.sub_(gradients[0], problem.lr);
    result.images.index_add_(0, step.batch, gradients[1], -problem.lr);
    if (gradients[2].defined()) result.targets.index_add_(0, step.batch, gradients[2], -problem.lr);
    result.lr -= s.item<double>();
  }
  result.lr -= along_start_velocity(problem, direction);
  return result;
}

}  // namespace mkdt
