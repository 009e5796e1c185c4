// How spread out representations are: measures that need no labels.
#pragma once

#include <torch/types.h>

namespace mkdt {

// The standard deviation over rows, mean over dimensions, of z [N,D] with each row first scaled to
// length √D (arXiv 2011.10566, section 4.1): near 1 where directions are spread out, 0 where all
// are the same.
double direction_std(const torch::Tensor& z);

// exp(−Σ_k p_k log p_k) with p_k = σ_k / Σ σ, σ the singular values of z [N,D] (RankMe, arXiv
// 2210.02885, equation 3) around its mean row, which RankMe leaves in: how many dimensions are in
// use, 1 to min(N−1, D); 0 if all rows are the same.
double effective_rank(const torch::Tensor& z);

}  // namespace mkdt
