#include "mkdt/baseline/kernel_ridge.h"

#include <tuple>

#include <fmt/format.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"
#include "mkdt/base/finite.h"

namespace mkdt {
namespace {

constexpr double kFirstJitter = 1e-12;  // of the diagonal's mean
constexpr double kLastJitter = 1e-6;
constexpr double kJitterGrowth = 100;

torch::Tensor plus_diagonal(const torch::Tensor& matrix, double value) {
  return matrix + value * torch::eye(matrix.size(0), matrix.options());
}

bool factorises(const torch::Tensor& matrix) {
  const torch::NoGradGuard no_grad;
  return std::get<1>(torch::linalg_cholesky_ex(matrix)).item<int64_t>() == 0;
}

// Returns the jitter to add to the diagonal so that there is a Cholesky factor.
double needed_jitter(const torch::Tensor& matrix) {
  const double mean = matrix.detach().diagonal().mean().item<double>();
  if (!all_finite(matrix)) {
    throw Error("kernel ridge: the features' products are not finite");
  }
  if (factorises(matrix)) return 0;
  for (double share = kFirstJitter; share < kLastJitter * 10; share *= kJitterGrowth) {
    if (factorises(plus_diagonal(matrix, share * mean))) return share * mean;
  }
  throw Error(
      fmt::format("kernel ridge: the {0}×{0} matrix of the features' products is not positive "
                  "definite, even with {1:g} of its mean diagonal added; raise krr_st.ridge",
                  matrix.size(0), kLastJitter));
}

// (matrix + λI)⁻¹ right, for a symmetric matrix that is positive semidefinite up to rounding.
torch::Tensor solve(const torch::Tensor& matrix, double lambda, const torch::Tensor& right) {
  const torch::Tensor regular = plus_diagonal(matrix, lambda);
  const double jitter = needed_jitter(regular);
  const torch::Tensor safe = jitter == 0 ? regular : plus_diagonal(regular, jitter);
  return torch::cholesky_solve(right, torch::linalg_cholesky(safe));
}

}  // namespace

torch::Tensor with_bias(const torch::Tensor& features) {
  return torch::cat({features, torch::ones({features.size(0), 1}, features.options())}, 1);
}

double ridge_constant(const torch::Tensor& features, double ridge) {
  return ridge * features.detach().to(torch::kFloat64).square().sum().item<double>();
}

torch::Tensor ridge_weights(const torch::Tensor& features, const torch::Tensor& targets,
                            double lambda) {
  const torch::Tensor phi = features.to(torch::kFloat64), y = targets.to(torch::kFloat64);
  const torch::Tensor transposed = phi.t();
  if (phi.size(0) <= phi.size(1)) {
    return transposed.matmul(solve(phi.matmul(transposed), lambda, y));
  }
  return solve(transposed.matmul(phi), lambda, transposed.matmul(y));
}

torch::Tensor kernel_ridge(const torch::Tensor& real_features, const torch::Tensor& features,
                           const torch::Tensor& targets, double lambda) {
  return real_features.matmul(
      ridge_weights(features, targets, lambda).to(real_features.scalar_type()));
}

}  // namespace mkdt
