// What both sweeps of the reverse recursion share: the parameters before every inner step.
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

}  // namespace mkdt
