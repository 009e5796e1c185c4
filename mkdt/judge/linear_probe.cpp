#include "mkdt/judge/linear_probe.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>
#include <torch/optim/lbfgs.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"
#include "mkdt/base/finite.h"
#include "mkdt/base/observer.h"
#include "mkdt/judge/metrics.h"

namespace mkdt {
namespace {

constexpr int64_t kStepsPerIteration = 20;
constexpr double kGradientReduction = 1e-7;
// The objective is computed in this unit. LBFGS forgets curvature pairs with yᵀs < 1e-10, which in
// the natural unit is all of them some steps before the gradient is small enough.
constexpr double kUnit = 1e8;
// Feature matrices up to this many elements are multiplied in float64, larger ones in float32;
// everything else is float64.
constexpr int64_t kDoublePrecisionElements = int64_t{1} << 26;
constexpr int64_t kMaxRotated = 2048;  // dimensions; finding the axes takes their cube
constexpr int64_t kRowsAtOnce = 4096;
// Up to this many classes, as many as the published sets have, biases are searched for in their own
// unit, so that the bits stay those of earlier versions.
constexpr int64_t kClassesWithPlainBiases = 200;

void check(const torch::Tensor& features, const torch::Tensor& labels, int64_t classes) {
  const int64_t rows = features.size(0);
  if (rows == 0 || labels.size(0) != rows) {
    throw Error(
        fmt::format("linear probe: expected a label for each of at least one row, got {} "
                    "for {} rows",
                    labels.size(0), rows));
  }
  const auto lowest = labels.min().item<int64_t>();
  const auto highest = labels.max().item<int64_t>();
  if (lowest < 0 || highest >= classes) {
    throw Error(fmt::format("linear probe: expected labels from 0 to {}, got {} to {}", classes - 1,
                            lowest, highest));
  }
  if (!all_finite(features)) {
    throw Error("linear probe: expected finite features, got infinite or NaN ones");
  }
}

// The centred features in orthonormal axes in which L-BFGS converges fast. Penalty and scores do
// not change when W is written in these axes, and the rows span all of W that can be non-zero.
struct PrincipalAxes {
  torch::Tensor axes;      // [F,r]; undefined for the features' own axes
  torch::Tensor inputs;    // [N,r]
  torch::Tensor variance;  // [r], of the columns of `inputs`
};

PrincipalAxes principal_axes(const torch::Tensor& centred, const Observer& observer) {
  PrincipalAxes found;
  found.inputs = centred;
  if (centred.size(0) < centred.size(1)) {
    const auto [axes, coordinates] = torch::linalg_qr(centred.t());
    found.axes = axes;
    found.inputs = coordinates.t();
  }
  throw_if_stopped(observer);
  if (found.inputs.size(1) <= kMaxRotated) {
    const torch::Tensor covariance = torch::mm(found.inputs.t(), found.inputs);
    throw_if_stopped(observer);
    const torch::Tensor rotation = std::get<1>(torch::linalg_eigh(covariance));
    found.axes = found.axes.defined() ? torch::mm(found.axes, rotation) : rotation;
    found.inputs = torch::mm(found.inputs, rotation);
  }
  found.variance = found.inputs.square().mean(0, false, torch::kFloat64);
  return found;
}

// Returns the curvature of the mean log-loss along a score, at equal probabilities 1/K.
double curvature_at_start(int64_t classes) {
  const auto k = static_cast<double>(classes);
  return (k - 1) / (k * k);
}

// Returns the unit of the biases in which their curvature, too, is 1 at the start. Without it,
// L-BFGS has to find out that they are 1/K times as curved as the weights, which takes thousands of
// steps.
double bias_unit(int64_t classes) {
  return classes > kClassesWithPlainBiases ? 1 / std::sqrt(curvature_at_start(classes)) : 1;
}

// The objective in variables in which its Hessian is near the identity at the start:
// W = V·diag(s)·Bᵀ with the principal axes B, b = u·c − W μ, so that the scores are
// V·diag(s)·Bᵀ(x − μ) + u·c. The bias is free, so centring changes nothing.
class Objective {
 public:
  Objective(const torch::Tensor& features, const torch::Tensor& labels, int64_t classes, double l2,
            const Observer& observer)
      : labels_(labels.unsqueeze(1)), l2_(l2), bias_unit_(bias_unit(classes)), observer_(observer) {
    const auto dtype =
        features.numel() <= kDoublePrecisionElements ? torch::kFloat64 : torch::kFloat32;
    mean_ = features.mean(0, false, torch::kFloat64);
    PrincipalAxes principal = principal_axes(features.to(dtype) - mean_.to(dtype), observer);
    axes_ = principal.axes;
    // This is the diagonal of the Hessian at the start.
    const torch::Tensor curvature = principal.variance * curvature_at_start(classes) + 2 * l2;
    scale_ = torch::where(curvature > 0, curvature.clamp_min(1e-300).rsqrt(), 1.0);
    inputs_ = principal.inputs * scale_.to(dtype);
    weight_ = torch::zeros({classes, inputs_.size(1)}, mean_.options());
    bias_ = torch::zeros({classes}, mean_.options());
  }

  // The part of a weight outside the span of the rows changes no score, and is dropped.
  void start_at(const LinearProbe& start) {
    const torch::Tensor weight = start.weight.to(mean_.options());
    bias_.copy_((start.bias.to(mean_.options()) + torch::mv(weight, mean_)) / bias_unit_);
    weight_.copy_((axes_.defined() ? torch::mm(weight, axes_.to(torch::kFloat64)) : weight) /
                  scale_);
  }

  std::vector<torch::Tensor> variables() const { return {weight_, bias_}; }

  // Returns the value in kUnit at the present variables, and puts the gradient where optimisers
  // look for it.
  torch::Tensor evaluate() {
    const torch::NoGradGuard no_grad;
    throw_if_stopped(observer_);
    const auto rows = static_cast<double>(inputs_.size(0));
    const torch::Tensor scores =
        torch::mm(inputs_, weight_.to(inputs_.scalar_type()).t()).to(torch::kFloat64) +
        bias_ * bias_unit_;
    const torch::Tensor log_odds = torch::log_softmax(scores, 1);
    const torch::Tensor penalised = weight_ * scale_;
    torch::Tensor value =
        kUnit * (-log_odds.gather(1, labels_).sum() / rows + l2_ * penalised.square().sum());

    throw_if_stopped(observer_);
    torch::Tensor residual = log_odds.exp();
    residual.scatter_add_(1, labels_, torch::full_like(labels_, -1, residual.options()));
    residual.mul_(kUnit / rows);
    weight_.mutable_grad() =
        torch::mm(residual.to(inputs_.scalar_type()).t(), inputs_).to(torch::kFloat64) +
        2 * kUnit * l2_ * penalised * scale_;
    bias_.mutable_grad() = residual.sum(0) * bias_unit_;
    return value;
  }

  // Returns the largest element of the gradient.
  double gradient() const {
    return std::max(weight_.grad().abs().max().item<double>(),
                    bias_.grad().abs().max().item<double>());
  }

  LinearProbe probe() const {
    torch::Tensor weight = weight_ * scale_;
    if (axes_.defined()) weight = torch::mm(weight, axes_.t().to(torch::kFloat64));
    return {weight, bias_ * bias_unit_ - torch::mv(weight, mean_)};
  }

 private:
  torch::Tensor labels_;  // [N,1]
  double l2_;
  double bias_unit_;  // u
  const Observer& observer_;
  torch::Tensor mean_;    // μ [F]
  torch::Tensor axes_;    // B [F,r]; undefined for the features' own axes
  torch::Tensor scale_;   // s [r]
  torch::Tensor inputs_;  // diag(s)Bᵀ(x − μ), [N,r]
  torch::Tensor weight_;  // V [K,r]
  torch::Tensor bias_;    // c [K]
};

}  // namespace

LinearProbe fit_linear_probe(const torch::Tensor& features, const torch::Tensor& labels,
                             int64_t classes, const ProbeOptions& options,
                             const std::optional<LinearProbe>& start, const Observer& observer) {
  const torch::NoGradGuard no_grad;
  check(features, labels, classes);
  Objective objective(features, labels, classes, options.l2, observer);
  double value = objective.evaluate().item<double>();
  const double tolerance = kGradientReduction * objective.gradient();
  if (start) {
    objective.start_at(*start);
    value = objective.evaluate().item<double>();
  } else if (tolerance == 0) {
    return objective.probe();
  }

  torch::optim::LBFGS optimiser(objective.variables(), torch::optim::LBFGSOptions(1)
                                                           .max_iter(kStepsPerIteration)
                                                           .history_size(kStepsPerIteration)
                                                           .tolerance_grad(tolerance)
                                                           .tolerance_change(1e-15)
                                                           .line_search_fn("strong_wolfe"));
  for (int64_t iteration = 0; iteration < options.iterations; ++iteration) {
    optimiser.step([&] { return objective.evaluate(); });
    const double before = value;
    value = objective.evaluate().item<double>();
    // When twenty steps no longer lower the value, float arithmetic allows no more.
    if (!std::isfinite(value)) {
      throw Error(
          fmt::format("linear probe: the loss is not finite after iteration {}; raise "
                      "evaluate.probe_l2",
                      iteration + 1));
    }
    if (objective.gradient() <= tolerance || before - value <= 1e-13 * std::abs(before)) break;
  }
  return objective.probe();
}

torch::Tensor probe_scores(const LinearProbe& probe, const torch::Tensor& features,
                           const Observer& observer) {
  const torch::NoGradGuard no_grad;
  torch::Tensor scores = torch::empty({features.size(0), probe.bias.size(0)}, probe.bias.options());
  for (int64_t begin = 0; begin < features.size(0); begin += kRowsAtOnce) {
    throw_if_stopped(observer);
    const int64_t end = std::min(begin + kRowsAtOnce, features.size(0));
    const torch::Tensor rows = features.slice(0, begin, end).to(torch::kFloat64);
    scores.slice(0, begin, end).copy_(torch::mm(rows, probe.weight.t()) + probe.bias);
  }
  return scores;
}

double accuracy(const LinearProbe& probe, const torch::Tensor& features,
                const torch::Tensor& labels, const Observer& observer) {
  return top_k_accuracy(probe_scores(probe, features, observer), labels, 1);
}

ProbeChoice choose_probe(const LabelledFeatures& train, const LabelledFeatures& validation,
                         int64_t classes, const std::vector<double>& l2s, int64_t iterations,
                         const Observer& observer) {
  if (l2s.empty()) throw Error("linear probe: expected at least one L2 weight, got none");
  std::vector<double> descending = l2s;
  std::sort(descending.begin(), descending.end(), std::greater<>());
  ProbeChoice best;
  double highest = -1;
  for (const double l2 : descending) {
    const LinearProbe probe =
        fit_linear_probe(train.features, train.labels, classes, {l2, iterations}, {}, observer);
    if (descending.size() == 1) return {probe, l2};
    const double found = accuracy(probe, validation.features, validation.labels, observer);
    if (found <= highest) continue;
    highest = found;
    best = {probe, l2};
  }
  return best;
}

}  // namespace mkdt
