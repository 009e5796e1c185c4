#include "mkdt/ssl/barlow_twins.h"

namespace mkdt {
namespace {

constexpr double kNormEpsilon = 1e-5;

torch::Tensor standardised_over_batch(const torch::Tensor& z) {
  const torch::Tensor centred = z - z.mean(0);
  return centred * (centred.square().mean(0) + kNormEpsilon).rsqrt();
}

// ‖z1ᵀ z2‖² = ⟨z1 z1ᵀ, z2 z2ᵀ⟩: through whichever products are smaller, [D,D] or [B,B].
torch::Tensor squared_norm_of_product(const torch::Tensor& z1, const torch::Tensor& z2) {
  if (z1.size(1) <= z1.size(0)) return z1.t().mm(z2).square().sum();
  return (z1.mm(z1.t()) * z2.mm(z2.t())).sum();
}

}  // namespace

torch::Tensor barlow_twins_loss(const torch::Tensor& z1, const torch::Tensor& z2, double lambda) {
  TORCH_CHECK(z1.dim() == 2 && z1.sizes() == z2.sizes(), z1.sizes(), " and ", z2.sizes());
  const auto batch = static_cast<double>(z1.size(0));
  const torch::Tensor a = standardised_over_batch(z1);
  const torch::Tensor b = standardised_over_batch(z2);
  const torch::Tensor diagonal = (a * b).sum(0) / batch;  // C_ii, [D]
  const torch::Tensor all = squared_norm_of_product(a, b) / (batch * batch);
  return (1 - diagonal).square().sum() + lambda * (all - diagonal.square().sum());
}

}  // namespace mkdt
