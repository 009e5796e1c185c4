#include "mkdt/ssl/vicreg.h"

namespace mkdt {
namespace {

constexpr double kVarianceEpsilon = 1e-4;

// v(z): how far deviations are below 1.
torch::Tensor variance_hinge(const torch::Tensor& centred) {
  const auto degrees = static_cast<double>(centred.size(0) - 1);
  const torch::Tensor variance = centred.square().sum(0) / degrees;
  return (1 - (variance + kVarianceEpsilon).sqrt()).relu().mean();
}

// c(z). ‖zᵀz‖² = ‖z zᵀ‖²: through whichever product is smaller, [D,D] or [B,B].
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
