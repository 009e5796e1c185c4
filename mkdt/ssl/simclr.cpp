#include "mkdt/ssl/simclr.h"

#include <limits>

#include <torch/nn/functional/loss.h>
#include <torch/nn/functional/normalization.h>

namespace mkdt {

torch::Tensor nt_xent_loss(const torch::Tensor& z1, const torch::Tensor& z2, double temperature) {
  TORCH_CHECK(z1.dim() == 2 && z1.sizes() == z2.sizes(), z1.sizes(), " and ", z2.sizes());
  namespace F = torch::nn::functional;
  const int64_t batch = z1.size(0);
  const torch::Tensor z = F::normalize(torch::cat({z1, z2}), F::NormalizeFuncOptions().dim(1));
  torch::Tensor similarity = z.mm(z.t()) / temperature;  // [2B,2B]
  const torch::Tensor itself = torch::eye(2 * batch, z.options().dtype(torch::kBool));
  similarity = similarity.masked_fill(itself, -std::numeric_limits<double>::infinity());
  const torch::Tensor views = torch::arange(2 * batch, z.options().dtype(torch::kInt64));
  return F::cross_entropy(similarity, (views + batch).remainder(2 * batch));
}

}  // namespace mkdt
