// Trajectory matching: a student that starts where an expert was should arrive where it went.
#pragma once

#include "mkdt/distill/distill_options.h"
#include "mkdt/distill/outer_task.h"
#include "mkdt/expert/trajectory.h"

namespace mkdt {

// Draws an expert and an epoch t below options.max_start_epoch: θ_0 = θ*_t, and J is the matching
// loss (matching_loss.h) to θ*_{t + expert_epochs} (MKDT, arXiv 2410.02116, algorithm 1).
// Everything referred to outlives the tasks. A task throws Error for experts that are missing, of
// another architecture or too short.
DrawOuterTask trajectory_tasks(const Network& network, const TrajectoryStore& experts,
                               const DistillOptions& options, torch::Device device);

}  // namespace mkdt
