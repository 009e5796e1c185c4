// Instance norm, ReLU and 2×2 average pooling, which follow each convolution, as one operator.
#pragma once

#include <torch/types.h>

namespace mkdt {

// x [B,C,H,W], gamma [C], beta [C] → [B,C,⌊H/2⌋,⌊W/2⌋] (an odd last row or column is dropped):
//   ŷ = (x − mean)/√(variance + eps) over each plane,  z = γŷ + β,  p = average of 2×2 of max(z,
//   0).
// One operator with first and second derivatives of its own (a third one throws std::logic_error):
// on a CPU loops of ours, on a CUDA device a kernel of ours where one can be compiled
// (base/cuda_program.h), elsewhere norm_relu_pool_tensors. The gradients of γ and β are summed in
// an order that depends on nothing but the sizes and the number of threads.
torch::Tensor norm_relu_pool(const torch::Tensor& x, const torch::Tensor& gamma,
                             const torch::Tensor& beta, double eps);

// Computes the same by PyTorch's operators on whole tensors, on any device.
torch::Tensor norm_relu_pool_tensors(const torch::Tensor& x, const torch::Tensor& gamma,
                                     const torch::Tensor& beta, double eps);

// Computes the same by stock operators: on any device, with any order of derivative, slower on a
// CPU.
torch::Tensor norm_relu_pool_plain(const torch::Tensor& x, const torch::Tensor& gamma,
                                   const torch::Tensor& beta, double eps);

}  // namespace mkdt
