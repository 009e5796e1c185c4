// SimCLR (arXiv 2002.05709): each view picks out the other view of its image among the batch.
#pragma once

#include <torch/types.h>

namespace mkdt {

// NT-Xent, equation 1, mean over all 2B views: −log exp(s_ij/τ) / Σ_{k≠i} exp(s_ik/τ), where s is
// the cosine similarity and j the other view of i's image. z1, z2 [B,D], B ≥ 2; τ > 0.
torch::Tensor nt_xent_loss(const torch::Tensor& z1, const torch::Tensor& z2, double temperature);

}  // namespace mkdt
