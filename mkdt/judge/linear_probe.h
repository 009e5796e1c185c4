// The linear probe: multinomial logistic regression on frozen features, and the choice of its L2
// weight.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <torch/types.h>

#include "mkdt/base/observer.h"

namespace mkdt {

struct ProbeOptions {
  double l2 = 1e-3;
  int64_t iterations = 100;  // outer ones, of up to 20 L-BFGS steps each
};

struct LinearProbe {
  torch::Tensor weight;  // float64 [K,F]
  torch::Tensor bias;    // float64 [K]
};

// Minimises  mean_i −log softmax(W x_i + b)[y_i] + l2·‖W‖²  over W and b: no factor ½, no penalty
// on the bias, features as they are. The published probe's objective; it is strictly convex in W,
// so the answer does not depend on where the search starts.
// features float [N,F], labels int64 [N] in [0, classes), both on one device; a class without an
// example is still a class. Starts at `start`, or at zero. Ends when the gradient is 1e-7 of the
// one at zero, or after `iterations`. Throws Error for features that are not finite, or labels out
// of range, and Stopped within half an evaluation of the objective of the wish to stop.
LinearProbe fit_linear_probe(const torch::Tensor& features, const torch::Tensor& labels,
                             int64_t classes, const ProbeOptions& options,
                             const std::optional<LinearProbe>& start = std::nullopt,
                             const Observer& observer = Observer());

// W x + b for each row; float64 [N,K]. Throws Stopped within 4096 rows of the wish to stop.
torch::Tensor probe_scores(const LinearProbe& probe, const torch::Tensor& features,
                           const Observer& observer = Observer());

// The part of the rows whose highest score is their label's; in [0, 1].
double accuracy(const LinearProbe& probe, const torch::Tensor& features,
                const torch::Tensor& labels, const Observer& observer = Observer());

// The probe's L2 weight, chosen on labelled images that it is not fitted to.

struct LabelledFeatures {
  torch::Tensor features;  // float [N,F]
  torch::Tensor labels;    // int64 [N] in [0, classes), on the same device
};

struct ProbeChoice {
  LinearProbe probe;
  double l2 = 0;
};

// Fits a probe on `train` with each weight of `l2s` and keeps the one with the highest top-1
// accuracy on `validation`; of equal ones the largest weight. A single weight is taken without a
// look at `validation`. Throws Error if there is no weight, and what fit_linear_probe does.
ProbeChoice choose_probe(const LabelledFeatures& train, const LabelledFeatures& validation,
                         int64_t classes, const std::vector<double>& l2s, int64_t iterations = 100,
                         const Observer& observer = Observer());

}  // namespace mkdt
