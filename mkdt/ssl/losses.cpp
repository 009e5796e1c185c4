#include "mkdt/ssl/losses.h"

#include <limits>

#include <torch/nn/functional/loss.h>
#include <torch/nn/functional/normalization.h>

namespace mkdt {
namespace {

constexpr double kNormEpsilon = 1e-5;

torch::Tensor standardised_over_batch(const torch::Tensor& z) {
  const torch::Tensor centred = z - z.mean(0);
  return centred * (centred.square().mean(0) + kNormEpsilon).rsqrt();
}

// Computes ‖z1ᵀ z2‖² = ⟨z1 z1ᵀ, z2 z2ᵀ⟩ through whichever products are smaller, [D,D] or [B,B].
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

namespace {

constexpr double kVarianceEpsilon = 1e-4;

// Computes v(z): how far deviations are below 1.
torch::Tensor variance_hinge(const torch::Tensor& centred) {
  const auto degrees = static_cast<double>(centred.size(0) - 1);
  const torch::Tensor variance = centred.square().sum(0) / degrees;
  return (1 - (variance + kVarianceEpsilon).sqrt()).relu().mean();
}

// Computes c(z), with ‖zᵀz‖² = ‖z zᵀ‖² through whichever product is smaller.
torch::Tensor covariance_penalty(const torch::Tensor& centred) {
  const auto degrees = static_cast<double>(centred.size(0) - 1);
  const bool wide = centred.size(1) > centred.size(0);
  const torch::Tensor product = wide ? centred.mm(centred.t()) : centred.t().mm(centred);
  const torch::Tensor diagonal = centred.square().sum(0).square().sum();
  return (product.square().sum() - diagonal) /
         (degrees * degrees * static_cast<double>(centred.size(1)));
}

}  // namespace

torch::Tensor vicreg_loss(const torch::Tensor& z1, const torch::Tensor& z2,
                          const VicRegWeights& weights) {
  TORCH_CHECK(z1.dim() == 2 && z1.sizes() == z2.sizes(), z1.sizes(), " and ", z2.sizes());
  const torch::Tensor a = z1 - z1.mean(0);
  const torch::Tensor b = z2 - z2.mean(0);
  const torch::Tensor distance = (z1 - z2).square().sum(1).mean();
  return weights.invariance * distance +
         weights.variance * (variance_hinge(a) + variance_hinge(b)) +
         weights.covariance * (covariance_penalty(a) + covariance_penalty(b));
}

VicRegWeights published_weights(const VicRegWeights& weights, int64_t dim) {
  return {weights.invariance / static_cast<double>(dim), weights.variance / 2, weights.covariance};
}

}  // namespace mkdt
