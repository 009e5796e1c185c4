// A linear head in closed form, for encoders that were not trained to regress the targets.
#pragma once

#include <torch/types.h>

#include "mkdt/eval/pretrain.h"

namespace mkdt {

constexpr int64_t kMostFittedRows = 10'000;

// `theta` [P] with its head (weight [d,F] and bias [d], the last two parameters of the layout)
// replaced by the ridge regression of training.targets on the network's features:
//   minimises mean_i ‖W x_i + b − z_i‖² + ridge·s·‖W‖²,  s the mean variance of the features,
// by Cholesky in float64; the bias is free. Of more than kMostFittedRows images, as many evenly
// spaced ones. Throws DivergedError for features that are not finite, Error for dependent ones
// without a ridge.
torch::Tensor with_fitted_head(const Network& network, const torch::Tensor& theta,
                               const RegressionSet& training, double ridge);

}  // namespace mkdt
