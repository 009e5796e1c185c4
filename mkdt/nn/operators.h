// What a network's convolutions and linear layers are computed with.
#pragma once

#include <torch/types.h>

#include "mkdt/nn/ops/convolution.h"

namespace mkdt {

enum class Operators {
  kStock,     // PyTorch's
  kFused,     // ours (nn/ops), with fast second derivatives, and no third; the same up to rounding
  kBfloat16,  // ours, the factors of every product rounded to bfloat16: for GPUs with units for it
};

// Cross-correlation, as `convolution` has it. x [B,Cin,H,W], weight [Cout,Cin/groups,k,k], bias
// [Cout] or undefined → [B,Cout,H',W'], of x's dtype.
torch::Tensor convolve(Operators operators, const torch::Tensor& x, const torch::Tensor& weight,
                       const torch::Tensor& bias = {}, const ConvolutionSteps& steps = {});
// x [...,F], weight [d,F], bias [d] → [...,d]
torch::Tensor apply_linear(Operators operators, const torch::Tensor& x, const torch::Tensor& weight,
                           const torch::Tensor& bias);

}  // namespace mkdt
