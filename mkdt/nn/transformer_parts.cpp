#include "mkdt/nn/transformer_parts.h"

#include <algorithm>
#include <cmath>

namespace mkdt {

int64_t default_patch(int64_t image_size) {
  int64_t patch = std::clamp<int64_t>(image_size / 8, 1, 16);
  while (image_size % patch != 0) --patch;
  return patch;
}

torch::Tensor attend(const torch::Tensor& qkv, int64_t heads, torch::Dtype precise) {
  const int64_t dim = qkv.size(2) / 3 / heads;  // of a head
  const torch::Tensor split = qkv.view({-1, qkv.size(1), 3, heads, dim}).permute({2, 0, 3, 1, 4});
  const torch::Tensor q = split[0] / std::sqrt(static_cast<double>(dim));  // [B,heads,T,dim]
  const torch::Tensor scores = at::matmul(q, split[1].transpose(2, 3));
  const torch::Tensor weights = at::softmax(scores, -1, precise).to(qkv.scalar_type());
  return at::matmul(weights, split[2]).transpose(1, 2).flatten(2);
}

}  // namespace mkdt
