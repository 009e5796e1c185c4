// How much of a mini-batch's gradient is signal, and how much is the choice of the batch.
#pragma once

#include <cstdint>

#include <torch/types.h>

namespace mkdt {

// Of gradients g_1 … g_K [P] of one loss at one θ, each of a batch drawn independently.
class GradientStatistics {
 public:
  void add(const torch::Tensor& gradient);

  // tr Var(g) = Σ‖g_k − ḡ‖² / (K − 1), for K ≥ 2.
  double noise() const;
  // ‖E g‖², unbiased: ‖ḡ‖² − noise / K. May be below 0 where there is next to none.
  double signal() const;
  // ‖E g‖² / tr Var(g): how the power of the signal compares with that of one batch's noise.
  double signal_to_noise() const { return signal() / noise(); }

 private:
  double squared_mean() const;

  torch::Tensor sum_;  // float64 [P]
  double squares_ = 0;
  int64_t count_ = 0;
};

}  // namespace mkdt
