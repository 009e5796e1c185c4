// Classification by nearest neighbours: what representations know without any training.
#pragma once

#include <cstdint>

#include <torch/types.h>

#include "mkdt/base/observer.h"

namespace mkdt {

struct KnnOptions {
  int64_t neighbours = 20;  // at most as many as there are rows
  double temperature = 0.07;
};

// The votes of the nearest training rows for each class, by cosine similarity s, each with weight
// exp(s/temperature) (arXiv 1805.01978, section 3.4) relative to the nearest row's.
// train [N,F] and test [M,F] float, labels int64 in [0, classes); float32 [M,classes]. Throws
// Stopped within 256 test rows of the wish to stop.
torch::Tensor knn_scores(const torch::Tensor& train, const torch::Tensor& train_labels,
                         const torch::Tensor& test, int64_t classes, const KnnOptions& options = {},
                         const Observer& observer = Observer());

// The part of the test rows whose class has the most votes; in [0, 1].
double knn_accuracy(const torch::Tensor& train, const torch::Tensor& train_labels,
                    const torch::Tensor& test, const torch::Tensor& test_labels, int64_t classes,
                    const KnnOptions& options = {}, const Observer& observer = Observer());

}  // namespace mkdt
