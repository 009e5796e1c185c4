#include "mkdt/nn/update_rules.h"

#include <cmath>

namespace mkdt {
namespace {

// Adam's constants; `eps` is added to √v̂.
struct Adam {
  double beta1, beta2, eps;
};
// Gradients of a mean over batch·d values scale with its inverse: Adam's usual 1e-8 would damp
// them.
constexpr Adam kOuterAdam{0.5, 0.9, 1e-12};
constexpr Adam kAdamW{0.9, 0.999, 1e-8};

// Has m̂ and √v̂ + ε of arXiv 1412.6980, algorithm 1, after one more gradient.
struct AdamStep {
  torch::Tensor mean, spread;
};

AdamStep adam_step(const Adam& adam, const torch::Tensor& gradient, Moments& moments) {
  if (!moments.first.defined()) {
    moments.first = torch::zeros_like(gradient);
    moments.second = torch::zeros_like(gradient);
  }
  moments.first = moments.first.mul(adam.beta1).add_(gradient, 1 - adam.beta1);
  moments.second = moments.second.mul(adam.beta2).addcmul_(gradient, gradient, 1 - adam.beta2);
  const auto t = static_cast<double>(++moments.steps);
  return {moments.first.div(1 - std::pow(adam.beta1, t)),
          moments.second.div(1 - std::pow(adam.beta2, t)).sqrt_().add_(adam.eps)};
}

torch::Tensor sgd_step(double momentum, double rate, const torch::Tensor& gradient,
                       Moments& moments) {
  ++moments.steps;
  moments.first =
      moments.first.defined() ? moments.first.mul(momentum).add_(gradient) : gradient.clone();
  return moments.first.mul(rate);
}

}  // namespace

torch::Tensor outer_step(const OuterRule& rule, double rate, const torch::Tensor& gradient,
                         Moments& moments) {
  if (!rule.adam) return sgd_step(rule.momentum, rate, gradient, moments);
  const AdamStep step = adam_step(kOuterAdam, gradient, moments);
  return step.mean.div(step.spread).mul_(rate);
}

torch::Tensor adamw_step(const torch::Tensor& value, const torch::Tensor& gradient, double rate,
                         double weight_decay, Moments& moments) {
  const AdamStep step = adam_step(kAdamW, gradient, moments);
  return value.mul(1 - rate * weight_decay).addcdiv_(step.mean, step.spread, -rate);
}

}  // namespace mkdt
