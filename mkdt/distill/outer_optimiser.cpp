#include "mkdt/distill/outer_optimiser.h"

#include <cmath>

namespace mkdt {
namespace {

constexpr double kBeta1 = 0.5;
constexpr double kBeta2 = 0.9;
constexpr double kEps =
    1e-12;  // gradients scale with 1/(batch·d): Adam's usual 1e-8 would damp them

torch::Tensor sgd(double momentum, double rate, const torch::Tensor& gradient, Moments& moments) {
  moments.first =
      moments.first.defined() ? moments.first.mul(momentum).add_(gradient) : gradient.clone();
  return moments.first.mul(rate);
}

torch::Tensor adam(double rate, const torch::Tensor& gradient, Moments& moments) {
  if (!moments.first.defined()) {
    moments.first = torch::zeros_like(gradient);
    moments.second = torch::zeros_like(gradient);
  }
  moments.first = moments.first.mul(kBeta1).add_(gradient, 1 - kBeta1);
  moments.second = moments.second.mul(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
  const auto t = static_cast<double>(moments.steps);
  const torch::Tensor mean = moments.first.div(1 - std::pow(kBeta1, t));
  const torch::Tensor spread = moments.second.div(1 - std::pow(kBeta2, t)).sqrt_().add_(kEps);
  return mean.div_(spread).mul_(rate);
}

}  // namespace

torch::Tensor outer_step(const OuterRule& rule, double rate, const torch::Tensor& gradient,
                         Moments& moments) {
  ++moments.steps;
  return rule.adam ? adam(rate, gradient, moments) : sgd(rule.momentum, rate, gradient, moments);
}

}  // namespace mkdt
