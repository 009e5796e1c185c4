// One update of what is learned: SGD with momentum as published, or Adam.
#pragma once

#include <cstdint>

#include <torch/types.h>

namespace mkdt {

struct OuterRule {
  bool adam = true;
  double momentum = 0.5;  // of SGD
};

// An optimiser's memory of one learned tensor.
struct Moments {
  torch::Tensor first;   // SGD's velocity, Adam's first moment; undefined before the first step
  torch::Tensor second;  // Adam's second moment
  int64_t steps = 0;
};

// What to subtract from the learned tensor, given its gradient; replaces the tensors of `moments`.
// SGD as in PyTorch: v ← momentum·v + g, rate·v. Adam (arXiv 1412.6980) with β = (0.5, 0.9): the
// objective changes with every drawn expert, so the memory is short.
torch::Tensor outer_step(const OuterRule& rule, double rate, const torch::Tensor& gradient,
                         Moments& moments);

}  // namespace mkdt
