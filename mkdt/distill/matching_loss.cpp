#include "mkdt/distill/matching_loss.h"

#include <stdexcept>

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

}  // namespace mkdt
