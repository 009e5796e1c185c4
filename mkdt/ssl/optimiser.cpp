#include "mkdt/ssl/optimiser.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"

namespace mkdt {
namespace {

constexpr double kTrust = 1e-3;
constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEps = 1e-8;  // PyTorch's defaults of AdamW

// A parameter begins on a cache line.
int64_t place_of(int64_t size) {
  constexpr int64_t kAlignment = 16;
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

bool is_adamw(const OptimiserOptions& options) { return options.optimiser == "adamw"; }

}  // namespace

bool decays(const torch::Tensor& parameter) { return parameter.dim() > 1 && parameter.size(0) > 1; }

void scale_gradients(const std::vector<torch::Tensor>& parameters, double weight_decay) {
  const torch::NoGradGuard no_grad;
  for (const torch::Tensor& w : parameters) {
    if (!decays(w) || !w.grad().defined()) continue;
    const torch::Tensor& g = w.grad();
    g.add_(w, weight_decay);
    const torch::Tensor size = w.norm();
    const torch::Tensor step = g.norm();
    g.mul_(torch::where((size > 0).logical_and(step > 0), kTrust * size / step,
                        torch::ones_like(size)));
  }
}

Optimiser::Optimiser(const std::vector<torch::Tensor>& parameters, const OptimiserOptions& options)
    : options_(options) {
  const torch::NoGradGuard no_grad;
  for (const torch::Tensor& parameter : parameters) {
    if (parameter.requires_grad()) parameters_.push_back(parameter);
  }
  std::stable_partition(parameters_.begin(), parameters_.end(), decays);
  int64_t size = 0;
  decaying_ = 0;
  for (const torch::Tensor& parameter : parameters_) {
    size += place_of(parameter.numel());
    if (decays(parameter)) decaying_ = size;
  }
  values_ = torch::zeros({size}, parameters_.at(0).options().requires_grad(false));
  gradients_ = torch::zeros_like(values_);
  first_ = torch::zeros_like(values_);
  if (is_adamw(options_)) second_ = torch::zeros_like(values_);
  int64_t begin = 0;
  for (torch::Tensor& parameter : parameters_) {
    const auto part = [&](const torch::Tensor& flat) {
      return flat.slice(0, begin, begin + parameter.numel()).view(parameter.sizes());
    };
    part(values_).copy_(parameter);
    if (parameter.grad().defined()) part(gradients_).copy_(parameter.grad());
    parameter.set_data(part(values_));
    parameter.mutable_grad() = part(gradients_);
    begin += place_of(parameter.numel());
  }
}

void Optimiser::step(double lr) {
  const torch::NoGradGuard no_grad;
  const bool lars = options_.optimiser == "lars";
  if (lars) scale_gradients(parameters_, options_.weight_decay);
  ++steps_;
  // Parts that stay in the cache from one operator to the next; on another device the operators
  // themselves are what takes the time.
  constexpr int64_t kPart = 32768;
  const int64_t size = values_.size(0), part = values_.is_cpu() ? kPart : size;
  for (int64_t begin = 0; begin < size;) {
    const bool decaying = begin < decaying_;
    const int64_t end = std::min(begin + part, decaying ? decaying_ : size);
    const double weight_decay = decaying && !lars ? options_.weight_decay : 0;
    is_adamw(options_) ? step_adamw(lr, begin, end, weight_decay)
                       : step_sgd(lr, begin, end, weight_decay);
    begin = end;
  }
}

void Optimiser::step_adamw(double lr, int64_t begin, int64_t end, double weight_decay) {
  torch::Tensor value = values_.slice(0, begin, end), m = first_.slice(0, begin, end),
                v = second_.slice(0, begin, end);
  const torch::Tensor g = gradients_.slice(0, begin, end);
  if (weight_decay != 0) value.mul_(1 - lr * weight_decay);
  m.mul_(kBeta1).add_(g, 1 - kBeta1);
  v.mul_(kBeta2).addcmul_(g, g, 1 - kBeta2);
  const auto t = static_cast<double>(steps_);
  const torch::Tensor spread = v.sqrt().div_(std::sqrt(1 - std::pow(kBeta2, t))).add_(kEps);
  value.addcdiv_(m, spread, -lr / (1 - std::pow(kBeta1, t)));
}

void Optimiser::step_sgd(double lr, int64_t begin, int64_t end, double weight_decay) {
  torch::Tensor value = values_.slice(0, begin, end), velocity = first_.slice(0, begin, end);
  torch::Tensor g = gradients_.slice(0, begin, end);
  if (weight_decay != 0) g = g.add(value, weight_decay);
  velocity.mul_(options_.momentum).add_(g);  // zero before the first step
  value.add_(velocity, -lr);
}

void Optimiser::put(TensorFile& file, const std::string& prefix) const {
  file.tensors[prefix + "first"] = first_.cpu().clone();  // a later step changes it
  if (second_.defined()) file.tensors[prefix + "second"] = second_.cpu().clone();
  file.tensors[prefix + "steps"] = torch::tensor(steps_, torch::kInt64);
}

void Optimiser::take(const TensorFile& file, const std::string& prefix) {
  const auto read = [&](const std::string& name, torch::Tensor& to) {
    const torch::Tensor& from = file.tensor(prefix + name);
    if (from.sizes() != to.sizes() || from.scalar_type() != to.scalar_type()) {
      throw Error(fmt::format("{}: the optimiser's state is not this teacher's", file.origin));
    }
    to.copy_(from);
  };
  const torch::NoGradGuard no_grad;
  read("first", first_);
  if (second_.defined()) read("second", second_);
  steps_ = file.tensor(prefix + "steps").item<int64_t>();
}

}  // namespace mkdt
