// How good a classifier's scores are: top-1, top-k and balanced accuracy.
#pragma once

#include <cstdint>
#include <optional>

#include <torch/types.h>

namespace mkdt {

// Scores are finite floats [N,K], labels int64 [N] in [0, K) on the same device; N ≥ 1.

// The part of the rows whose label is among the k highest scores; of equal scores the lower class
// counts as higher. In [0, 1].
double top_k_accuracy(const torch::Tensor& scores, const torch::Tensor& labels, int64_t k);

// The mean over the classes that occur in `labels` of the part of their rows that is top-1.
double balanced_accuracy(const torch::Tensor& scores, const torch::Tensor& labels);

struct Accuracies {
  double top1 = 0;
  std::optional<double> top5;      // for at least 20 classes
  std::optional<double> balanced;  // unless all classes that occur have as many rows
};

Accuracies accuracies(const torch::Tensor& scores, const torch::Tensor& labels);

}  // namespace mkdt
