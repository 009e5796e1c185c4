// The regression loss of some images of a batch, as a part of the batch's.
#pragma once

#include "mkdt/nn/regression.h"

namespace mkdt {

// What images [b,C,H,W] and targets [b,d] of a batch of `batch` contribute to its regression loss:
// the parts of a batch add up to it, and so do all their derivatives. A scalar, differentiable.
inline torch::Tensor part_of_regression_loss(const Network& network, const torch::Tensor& theta,
                                             const torch::Tensor& images,
                                             const torch::Tensor& targets, int64_t batch) {
  const torch::Tensor loss = regression_loss(network, theta, images, targets);
  if (images.size(0) == batch) return loss;
  return loss * (static_cast<double>(images.size(0)) / static_cast<double>(batch));
}

// Whether two halves of such a batch are worth computing side by side (core/side_by_side.h): of
// fewer values they have as many operators to call as the whole, which takes as long.
inline bool worth_halving(const torch::Tensor& images) {
  constexpr int64_t kValues = 100'000;
  return images.is_cpu() && images.size(0) > 1 && images.numel() >= kValues;
}

}  // namespace mkdt
