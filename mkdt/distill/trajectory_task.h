// Trajectory matching: a student that starts where an expert was should arrive where it went.
#pragma once

#include <torch/types.h>

#include "mkdt/distill/distill_options.h"
#include "mkdt/distill/meta_gradient.h"
#include "mkdt/distill/outer_task.h"
#include "mkdt/expert/trajectory.h"

namespace mkdt {

// Measures how far a student trained on the synthetic set ends from the expert: J(θ_N) = ‖θ_N −
// θ*‖² / ‖θ_0 − θ*‖², with its gradient 2(θ_N − θ*)/‖θ_0 − θ*‖² (MKDT, arXiv 2410.02116, equation
// of the trajectory matching loss). Sums are in float64. theta_start θ_0 and theta_target θ* are
// [P]. Throws std::invalid_argument if they are equal.
OuterObjective matching_loss(const torch::Tensor& theta_start, const torch::Tensor& theta_target);

// Draws an expert and an epoch t below options.max_start_epoch: θ_0 = θ*_t, and J is the matching
// loss to θ*_{t + expert_epochs} (MKDT, arXiv 2410.02116, algorithm 1). The arguments outlive the
// tasks. A task throws Error for experts that are missing, of another architecture or too short.
DrawOuterTask trajectory_tasks(const Network& network, const TrajectoryStore& experts,
                               const DistillOptions& options, torch::Device device);

}  // namespace mkdt
