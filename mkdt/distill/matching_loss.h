// How far a student trained on the synthetic set ends from the expert.
#pragma once

#include <torch/types.h>

#include "mkdt/distill/meta_gradient.h"

namespace mkdt {

// J(θ_N) = ‖θ_N − θ*‖² / ‖θ_0 − θ*‖², with its gradient 2(θ_N − θ*)/‖θ_0 − θ*‖²
// (MKDT, arXiv 2410.02116, equation of the trajectory matching loss). Sums in float64.
// theta_start θ_0, theta_target θ*: [P]. Throws std::invalid_argument if they are equal.
OuterObjective matching_loss(const torch::Tensor& theta_start, const torch::Tensor& theta_target);

}  // namespace mkdt
