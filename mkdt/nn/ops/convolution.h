// A convolution whose second derivatives are convolutions again, none of them on a slow path.
#pragma once

#include <torch/types.h>

namespace mkdt {

// Cross-correlation with zero padding (k−1)/2, k odd: stride 1 keeps the plane's size.
// x [B,Cin,H,W], weight [Cout,Cin,k,k], bias [Cout] or undefined → [B,Cout,⌈H/stride⌉,⌈W/stride⌉].
//
// Twice differentiable and more: ⟨ȳ, convolution(x, w)⟩ is linear in ȳ, x and w, so every
// derivative of any order is one of three operators (forward, gradient of the input, gradient of
// the weight), where PyTorch derives the weight's second derivative from transposed copies of whole
// batches. Any device; gradients that nobody asked for are not computed.
torch::Tensor convolution(const torch::Tensor& x, const torch::Tensor& weight,
                          const torch::Tensor& bias = {}, int64_t stride = 1);

}  // namespace mkdt
