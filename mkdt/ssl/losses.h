// The losses that compare the embeddings of two views: Barlow Twins, SimCLR, VICReg.
#pragma once

#include <torch/types.h>

namespace mkdt {

// Barlow Twins (arXiv 2103.03230) brings the cross-correlation of two views' embeddings to the
// identity. Equations 1 and 2: Σ_i (1 − C_ii)² + λ Σ_i Σ_{j≠i} C_ij², where C [D,D] is the
// cross-correlation of z1 and z2 [B,D], each dimension first brought to mean 0 and variance 1 over
// the batch (biased variance, eps 1e-5, as in the authors' code).
torch::Tensor barlow_twins_loss(const torch::Tensor& z1, const torch::Tensor& z2, double lambda);

// SimCLR (arXiv 2002.05709) has each view pick out the other view of its image among the batch.
// NT-Xent, equation 1, mean over all 2B views: −log exp(s_ij/τ) / Σ_{k≠i} exp(s_ik/τ), where s is
// the cosine similarity and j the other view of i's image. z1, z2 [B,D], B ≥ 2; τ > 0.
torch::Tensor nt_xent_loss(const torch::Tensor& z1, const torch::Tensor& z2, double temperature);

// VICReg (arXiv 2105.04906) wants embeddings to agree, every dimension to vary, and no two to vary
// together.
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

// Converts the weights 25, 25 and 1 that the paper gives to equation 6, for embeddings of `dim`
// dimensions: they belong to its authors' code, whose s is also divided by D and whose v is halved.
VicRegWeights published_weights(const VicRegWeights& weights, int64_t dim);

}  // namespace mkdt
