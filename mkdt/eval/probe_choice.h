// The probe's L2 weight, chosen on labelled images that it is not fitted to.
#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "mkdt/eval/linear_probe.h"

namespace mkdt {

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
