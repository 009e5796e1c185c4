// What a network's convolutions and linear layers are computed with.
#pragma once

#include <torch/types.h>

namespace mkdt {

enum class Operators {
  kStock,     // PyTorch's
  kFused,     // ours (nn/ops), with fast second derivatives, and no third; the same up to rounding
  kBfloat16,  // ours, the factors of every product rounded to bfloat16: for GPUs with units for it
};

// Cross-correlation, zero padding (k−1)/2, k odd. x [B,Cin,H,W], weight [Cout,Cin,k,k], bias [Cout]
// or undefined → [B,Cout,⌈H/stride⌉,⌈W/stride⌉], of x's dtype.
torch::Tensor convolve(Operators operators, const torch::Tensor& x, const torch::Tensor& weight,
                       const torch::Tensor& bias = {}, int64_t stride = 1);
// x [B,F], weight [d,F], bias [d] → [B,d]
torch::Tensor apply_linear(Operators operators, const torch::Tensor& x, const torch::Tensor& weight,
                           const torch::Tensor& bias);

}  // namespace mkdt
