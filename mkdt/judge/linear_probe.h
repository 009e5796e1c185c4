// Fits the linear probe, a multinomial logistic regression on frozen features, and chooses its L2
// weight on labelled images that it is not fitted to.
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

// Minimises mean_i −log softmax(W x_i + b)[y_i] + l2·‖W‖² over W and b: no factor ½, no penalty on
// the bias, features as they are. This is the published probe's objective; it is strictly convex in
// W, so the answer does not depend on where the search starts.
// Features are float [N,F] and labels int64 [N] in [0, classes), both on one device; a class
// without an example is still a class. The search starts at `start`, or at zero, and ends when the
// gradient is 1e-7 of the one at zero, or after `iterations`. Throws Error for features that are
// not finite or labels out of range, and Stopped, within half an evaluation of the objective, once
// the observer wants to stop.
LinearProbe fit_linear_probe(const torch::Tensor& features, const torch::Tensor& labels,
                             int64_t classes, const ProbeOptions& options,
                             const std::optional<LinearProbe>& start = std::nullopt,
                             const Observer& observer = Observer());

// Returns W x + b for each row, float64 [N,K]. Throws Stopped, within 4096 rows, once the observer
// wants to stop.
torch::Tensor probe_scores(const LinearProbe& probe, const torch::Tensor& features,
                           const Observer& observer = Observer());

// Returns the part of the rows whose highest score is their label's, in [0, 1].
double accuracy(const LinearProbe& probe, const torch::Tensor& features,
                const torch::Tensor& labels, const Observer& observer = Observer());

struct LabelledFeatures {
  torch::Tensor features;  // float [N,F]
  torch::Tensor labels;    // int64 [N] in [0, classes), on the same device
};

struct ProbeChoice {
  LinearProbe probe;
  double l2 = 0;
};

// Fits a probe on `train` with each weight of `l2s` and keeps the one with the highest top-1
// accuracy on `validation`; among equal ones it keeps the largest weight. A single weight is taken
// without reading `validation`. Throws Error if there is no weight, and whatever fit_linear_probe
// throws.
ProbeChoice choose_probe(const LabelledFeatures& train, const LabelledFeatures& validation,
                         int64_t classes, const std::vector<double>& l2s, int64_t iterations = 100,
                         const Observer& observer = Observer());

}  // namespace mkdt
