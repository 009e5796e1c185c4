// Classifies by nearest neighbours, to see what representations know without any training.
#pragma once

#include <cstdint>

#include <torch/types.h>

#include "mkdt/base/observer.h"

namespace mkdt {

struct KnnOptions {
  int64_t neighbours = 20;  // at most as many as there are rows
  double temperature = 0.07;
};

// Returns the votes of the nearest training rows for each class, float32 [M,classes], by cosine
// similarity s. Each vote has the weight exp(s/temperature) (arXiv 1805.01978, section 3.4),
// relative to that of the nearest row. `train` [N,F] and `test` [M,F] are float, labels int64 in
// [0, classes). Throws Stopped, within 256 test rows, once the observer wants to stop.
torch::Tensor knn_scores(const torch::Tensor& train, const torch::Tensor& train_labels,
                         const torch::Tensor& test, int64_t classes, const KnnOptions& options = {},
                         const Observer& observer = Observer());

// Returns the part of the test rows whose class has the most votes, in [0, 1].
double knn_accuracy(const torch::Tensor& train, const torch::Tensor& train_labels,
                    const torch::Tensor& test, const torch::Tensor& test_labels, int64_t classes,
                    const KnnOptions& options = {}, const Observer& observer = Observer());

}  // namespace mkdt
