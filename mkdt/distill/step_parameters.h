// What the engines share: θ and v where the inner steps begin, and room for every θ after them.
#pragma once

#include "mkdt/core/pages.h"
#include "mkdt/distill/meta_gradient.h"

namespace mkdt {

// [N+1,P]: θ_0 in row 0, and room for θ_1 … θ_N. All that is kept for every step.
inline torch::Tensor step_parameters(const InnerProblem& problem) {
  const auto rows = static_cast<int64_t>(problem.batches.size()) + 1;
  torch::Tensor thetas = zeros_on_pages({rows, problem.theta_start.numel()},
                                        problem.theta_start.options().requires_grad(false));
  thetas[0].copy_(problem.theta_start.detach());
  return thetas;
}

inline void begin_step(const InnerProblem& problem) {
  if (problem.before_step) problem.before_step();
}

// μ ⟨v_0, d_0⟩: what the velocity at the start has to do with ∂J/∂α.
inline double along_start_velocity(const InnerProblem& problem, const torch::Tensor& direction) {
  if (!problem.velocity_start.defined() || problem.batches.empty()) return 0;
  return problem.momentum * problem.velocity_start.detach().dot(direction).item<double>();
}

// v_0, [P]: a tensor of its own.
inline torch::Tensor start_velocity(const InnerProblem& problem) {
  return problem.velocity_start.defined() ? problem.velocity_start.detach().clone()
                                          : torch::zeros_like(problem.theta_start.detach());
}

}  // namespace mkdt
