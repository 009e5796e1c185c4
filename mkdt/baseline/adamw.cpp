#include "mkdt/baseline/adamw.h"

#include <cmath>

namespace mkdt {
namespace {

constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
constexpr double kEps = 1e-8;

}  // namespace

torch::Tensor adamw_step(const torch::Tensor& value, const torch::Tensor& gradient, double rate,
                         double weight_decay, Moments& moments) {
  if (!moments.first.defined()) {
    moments.first = torch::zeros_like(gradient);
    moments.second = torch::zeros_like(gradient);
  }
  moments.first = moments.first.mul(kBeta1).add_(gradient, 1 - kBeta1);
  moments.second = moments.second.mul(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
  const auto t = static_cast<double>(++moments.steps);
  const torch::Tensor mean = moments.first.div(1 - std::pow(kBeta1, t));
  const torch::Tensor spread = moments.second.div(1 - std::pow(kBeta2, t)).sqrt_().add_(kEps);
  return value.mul(1 - rate * weight_decay).addcdiv_(mean, spread, -rate);
}

}  // namespace mkdt
