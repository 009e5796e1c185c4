#include "mkdt/distill/trajectory_task.h"

#include "mkdt/core/random.h"
#include "mkdt/distill/matching_loss.h"

namespace mkdt {

DrawOuterTask trajectory_tasks(const Network& network, const TrajectoryStore& experts,
                               const DistillOptions& options, torch::Device device) {
  return [&network, &experts, &options, device](const DistillState& /*state*/,
                                                at::Generator& generator) {
    const int64_t expert = draw_below(experts.count(), generator);
    const int64_t start = draw_below(options.max_start_epoch, generator);
    const ExpertTrajectory trajectory = experts.open(expert, network, options.readable_epochs());
    const torch::Tensor theta_start = trajectory.theta(start, device);
    const torch::Tensor theta_target = trajectory.theta(start + options.expert_epochs, device);
    return OuterTask{theta_start, matching_loss(theta_start, theta_target)};
  };
}

}  // namespace mkdt
