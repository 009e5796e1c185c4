// Measures how good a classifier's scores are: top-1, top-k and balanced accuracy.
#pragma once

#include <cstdint>
#include <optional>

#include <torch/types.h>

namespace mkdt {

// In all of these, scores are finite floats [N,K] and labels int64 [N] in [0, K) on the same
// device; N ≥ 1.

// Returns the part of the rows whose label is among the k highest scores, in [0, 1]; among equal
// scores the lower class counts as higher.
double top_k_accuracy(const torch::Tensor& scores, const torch::Tensor& labels, int64_t k);

// Returns the mean, over the classes that occur in `labels`, of the part of their rows that is
// top-1.
double balanced_accuracy(const torch::Tensor& scores, const torch::Tensor& labels);

struct Accuracies {
  double top1 = 0;
  std::optional<double> top5;      // only for at least 20 classes
  std::optional<double> balanced;  // absent if all classes that occur have equally many rows
};

Accuracies accuracies(const torch::Tensor& scores, const torch::Tensor& labels);

}  // namespace mkdt
