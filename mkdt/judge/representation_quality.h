// Measures what representations are worth before anything is distilled from them.
#pragma once

#include <optional>
#include <string>

#include <torch/types.h>

#include "mkdt/base/observer.h"

namespace mkdt {

struct LabelledRepresentations {
  torch::Tensor values;  // float [N,d]
  torch::Tensor labels;  // int64 [N], or undefined
};

struct RepresentationQuality {
  std::string encoder;  // "teacher", "untrained"
  int64_t dim = 0;
  double effective_rank = 0;    // see data/representations.h
  std::optional<double> knn;    // accuracy in [0, 1] of 20 weighted neighbours; none without labels
  std::optional<double> probe;  // of a linear probe on all labels
};

// Neighbours and probe learn from the rows of `train` and are judged on those of `test`. No more
// than `most_rows` evenly spaced training rows are used, and 2048 of those for the rank. Throws
// Stopped as knn_scores and fit_linear_probe do.
RepresentationQuality representation_quality(const std::string& encoder,
                                             const LabelledRepresentations& train,
                                             const LabelledRepresentations& test,
                                             int64_t most_rows = 50'000,
                                             const Observer& observer = Observer());

// Returns "teacher: 128 dimensions, effective rank 43.1, k-NN 45.1 %, linear probe 46.5 %".
std::string to_text(const RepresentationQuality& quality);

}  // namespace mkdt
