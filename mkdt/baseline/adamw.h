// AdamW on one tensor, with its memory in the open so that checkpoints can hold it.
#pragma once

#include <torch/types.h>

#include "mkdt/distill/outer_optimiser.h"

namespace mkdt {

// The value after one step down `gradient` (arXiv 1711.05101, algorithm 2, with PyTorch's β = (0.9,
// 0.999) and ε = 1e-8): value · (1 − rate · weight_decay) − rate · m̂ / (√v̂ + ε). Replaces the
// tensors of `moments`, leaves `value` as it is.
torch::Tensor adamw_step(const torch::Tensor& value, const torch::Tensor& gradient, double rate,
                         double weight_decay, Moments& moments);

}  // namespace mkdt
