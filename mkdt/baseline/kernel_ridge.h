// Ridge regression in closed form: what a linear head would learn on a student's features.
#pragma once

#include <torch/types.h>

namespace mkdt {

// Puts a column of ones behind the features, for the head's bias: [B,F] → [B,F+1].
torch::Tensor with_bias(const torch::Tensor& features);

// Returns λ = ridge · trace(K_ss) for features [M,F], K_ss = Φ_s Φ_sᵀ; without gradient, as in the
// authors' code of KRR-ST (arXiv 2310.06511).
double ridge_constant(const torch::Tensor& features, double ridge);

// Returns the weights W [F,d] that minimise ‖Φ_s W − Y‖² + λ‖W‖², for features Φ_s [M,F] and
// targets Y [M,d] of one dtype; float64 whatever that dtype is, and differentiable in both. By
// Cholesky from the smaller of two equal forms, M×M or F×F:
//   W = Φ_sᵀ (Φ_s Φ_sᵀ + λI)⁻¹ Y = (Φ_sᵀ Φ_s + λI)⁻¹ Φ_sᵀ Y.
// A matrix that rounding leaves indefinite gets a jitter on its diagonal, at most 1e-6 of the
// diagonal's mean. Throws Error if that is not enough, or the matrix is not finite.
torch::Tensor ridge_weights(const torch::Tensor& features, const torch::Tensor& targets,
                            double lambda);

// Returns K_rs (K_ss + λI)⁻¹ Y [B,d] for real features Φ_r [B,F], where K_rs = Φ_r Φ_sᵀ, in their
// dtype: computed as Φ_r W, because W stays moderate where the dual coefficients do not.
torch::Tensor kernel_ridge(const torch::Tensor& real_features, const torch::Tensor& features,
                           const torch::Tensor& targets, double lambda);

}  // namespace mkdt
