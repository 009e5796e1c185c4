// What norm_relu_pool computes, by several means; the formulas are in norm_relu_pool_planes.h.
#pragma once

#include <array>

#include <torch/types.h>

namespace mkdt {

// What the value's pass keeps for the derivatives. `mean` and `rstd` are μ and r of each plane, of
// B·C values.
struct NormReluPoolSaved {
  torch::Tensor x, gamma, beta, mean, rstd;
};

// The value and its two derivatives, without a graph. All tensors are on one device.
struct NormReluPoolParts {
  // p [B,C,⌊H/2⌋,⌊W/2⌋]; sets mean and rstd of `saved`, which has the rest.
  torch::Tensor (*value)(NormReluPoolSaved& saved, double eps);
  // ∂⟨gp, p⟩/∂(x, γ, β)
  std::array<torch::Tensor, 3> (*gradient)(const NormReluPoolSaved& saved, const torch::Tensor& gp);
  // The gradient of ⟨(gx, gγ, gβ), (v, vγ, vβ)⟩ with respect to gp, x and γ; that of β is zero.
  std::array<torch::Tensor, 3> (*second_gradient)(const NormReluPoolSaved& saved,
                                                  const torch::Tensor& gp, const torch::Tensor& v,
                                                  const torch::Tensor& vgamma,
                                                  const torch::Tensor& vbeta);
};

// On a CPU: loops of ours over planes.
extern const NormReluPoolParts kNormReluPoolLoops;
// On a CUDA device where kernels can be compiled (base/cuda_program.h): one kernel a part.
extern const NormReluPoolParts kNormReluPoolCuda;
// On any device: PyTorch's operators on whole tensors.
extern const NormReluPoolParts kNormReluPoolTensors;

}  // namespace mkdt
