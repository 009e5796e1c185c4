// Barlow Twins (arXiv 2103.03230): the cross-correlation of two views' embeddings becomes the
// identity.
#pragma once

#include <torch/types.h>

namespace mkdt {

// Equations 1 and 2: Σ_i (1 − C_ii)² + λ Σ_i Σ_{j≠i} C_ij², where C [D,D] is the
// cross-correlation of z1 and z2 [B,D], each dimension first brought to mean 0 and variance 1
// over the batch (biased variance, eps 1e-5, as in the authors' code).
torch::Tensor barlow_twins_loss(const torch::Tensor& z1, const torch::Tensor& z2, double lambda);

}  // namespace mkdt
