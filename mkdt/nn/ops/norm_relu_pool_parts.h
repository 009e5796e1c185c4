// The several means by which norm_relu_pool is computed; the formulas are in
// norm_relu_pool_planes.h.
#pragma once

#include <array>

#include <torch/types.h>

namespace mkdt {

// The value's pass keeps these for the derivatives. `mean` and `rstd` are μ and r of each plane, of
// B·C values.
struct NormReluPoolSaved {
  torch::Tensor x, gamma, beta, mean, rstd;
};

// The value and its two derivatives, without a graph. All tensors are on one device.
struct NormReluPoolParts {
  // Returns p [B,C,⌊H/2⌋,⌊W/2⌋]; sets mean and rstd of `saved`, which has the rest.
  torch::Tensor (*value)(NormReluPoolSaved& saved, double eps);
  // Returns ∂⟨gp, p⟩/∂(x, γ, β).
  std::array<torch::Tensor, 3> (*gradient)(const NormReluPoolSaved& saved, const torch::Tensor& gp);
  // Returns the gradient of ⟨(gx, gγ, gβ), (v, vγ, vβ)⟩ with respect to gp, x and γ; that of β is
  // zero.
  std::array<torch::Tensor, 3> (*second_gradient)(const NormReluPoolSaved& saved,
                                                  const torch::Tensor& gp, const torch::Tensor& v,
                                                  const torch::Tensor& vgamma,
                                                  const torch::Tensor& vbeta);
};

// Loops of ours over planes, on a CPU.
extern const NormReluPoolParts kNormReluPoolLoops;
// One kernel a part, on a CUDA device where kernels can be compiled (base/cuda_program.h).
extern const NormReluPoolParts kNormReluPoolCuda;
// PyTorch's operators on whole tensors, on any device.
extern const NormReluPoolParts kNormReluPoolTensors;

}  // namespace mkdt
