// Updates one tensor by SGD, Adam or AdamW, with the rule's memory in the open so that checkpoints
// can hold it.
#pragma once

#include <cstdint>

#include <torch/types.h>

namespace mkdt {

// A rule's memory of one learned tensor.
struct Moments {
  torch::Tensor first;   // SGD's velocity, Adam's first moment; undefined before the first step
  torch::Tensor second;  // Adam's second moment
  int64_t steps = 0;
};

// Chooses how the synthetic set is updated: by SGD with momentum as published, or by Adam.
struct OuterRule {
  bool adam = true;
  double momentum = 0.5;  // of SGD
};

// Returns the step to subtract from the learned tensor, given its gradient; replaces the tensors of
// `moments`. SGD as in PyTorch: v ← momentum·v + g, rate·v. Adam (arXiv 1412.6980) with β = (0.5,
// 0.9): the objective changes with every drawn expert, so the memory is short.
torch::Tensor outer_step(const OuterRule& rule, double rate, const torch::Tensor& gradient,
                         Moments& moments);

// Returns the value after one step of AdamW down `gradient` (arXiv 1711.05101, algorithm 2, with
// PyTorch's β = (0.9, 0.999) and ε = 1e-8): value · (1 − rate · weight_decay) − rate · m̂ / (√v̂ +
// ε). Replaces the tensors of `moments`, leaves `value` as it is.
torch::Tensor adamw_step(const torch::Tensor& value, const torch::Tensor& gradient, double rate,
                         double weight_decay, Moments& moments);

}  // namespace mkdt
