// A few of the labels of a set: what a downstream task with few annotations has.
#pragma once

#include <cstdint>

#include <torch/types.h>

namespace mkdt {

// Sorted rows (int64 [n]) of a stratified sample: of each class, `fraction` of its images, rounded,
// and at least one. Depends on labels, fraction and seed only, so every method is given the same
// images; a smaller fraction's sample is contained in a larger one's. labels: int64 [N] ≥ 0.
// Throws Error unless 0 < fraction ≤ 1.
torch::Tensor label_subset(const torch::Tensor& labels, double fraction, uint64_t seed);

}  // namespace mkdt
