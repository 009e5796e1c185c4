// Parts that the teacher's vision transformer and the network over a flat vector share.
#pragma once

#include <torch/types.h>

namespace mkdt {

// Hidden units of a block's MLP for each unit of the token's width.
constexpr int64_t kMlpRatio = 4;
constexpr double kLayerNormEps = 1e-6;

// Returns the side of a patch where none was chosen: the largest one up to an eighth of the image,
// and up to ViT's 16 pixels, that the image is a multiple of.
int64_t default_patch(int64_t image_size);

// Computes softmax(q·kᵀ/√d)·v for each head, the heads side by side (arXiv 2010.11929, equations
// (6) and (7)). qkv [B,T,3·D], queries, keys and values one behind the other, D a multiple of heads
// → [B,T,D] in qkv's type, the softmax in `precise`. Any order of derivative.
torch::Tensor attend(const torch::Tensor& qkv, int64_t heads, torch::Dtype precise);

}  // namespace mkdt
