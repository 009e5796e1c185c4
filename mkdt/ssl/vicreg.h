// VICReg (arXiv 2105.04906): embeddings agree, every dimension varies, no two vary together.
#pragma once

#include <torch/types.h>

namespace mkdt {

struct VicRegWeights {
  double invariance = 25;  // λ
  double variance = 25;    // μ
  double covariance = 1;   // ν
};

// Equation 6 with equations 1 to 5, z1 and z2 [B,D], B ≥ 2:
//   λ s + μ (v(z1) + v(z2)) + ν (c(z1) + c(z2)),  s = 1/B Σ_i ‖z1_i − z2_i‖²,
//   v(z) = 1/D Σ_j max(0, 1 − √(Var(z_j) + 1e-4)),  c(z) = 1/D Σ_{j≠k} Cov(z)_jk²,
// with unbiased variances and covariances over the batch.
torch::Tensor vicreg_loss(const torch::Tensor& z1, const torch::Tensor& z2,
                          const VicRegWeights& weights);

// The weights 25, 25 and 1 that the paper gives belong to its authors' code, whose s is also
// divided by D and whose v is halved: what they come to in equation 6, for embeddings of `dim`
// dimensions.
VicRegWeights published_weights(const VicRegWeights& weights, int64_t dim);

}  // namespace mkdt
