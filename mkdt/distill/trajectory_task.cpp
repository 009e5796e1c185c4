#include "mkdt/distill/trajectory_task.h"

#include <stdexcept>

#include "mkdt/base/random.h"

namespace mkdt {
namespace {

double squared_norm(const torch::Tensor& vector) {
  return vector.to(torch::kFloat64).square().sum().item<double>();
}

}  // namespace

OuterObjective matching_loss(const torch::Tensor& theta_start, const torch::Tensor& theta_target) {
  const double distance = squared_norm(theta_start - theta_target);
  if (distance == 0)
    throw std::invalid_argument("the expert did not move: theta_start = theta_target");
  return [theta_target, distance](const torch::Tensor& theta_final) {
    const torch::Tensor difference = theta_final - theta_target;
    return OuterLoss{squared_norm(difference) / distance, difference.mul(2.0 / distance)};
  };
}

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
