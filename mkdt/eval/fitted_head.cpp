#include "mkdt/eval/fitted_head.h"

#include <algorithm>

#include <fmt/format.h>
#include <torch/utils.h>

#include "mkdt/core/error.h"
#include "mkdt/core/finite.h"
#include "mkdt/data/spread_rows.h"

namespace mkdt {
namespace {

constexpr double kLeastVariance = 1e-12;  // of features that are all the same

}  // namespace

torch::Tensor with_fitted_head(const Network& network, const torch::Tensor& theta,
                               const RegressionSet& training, double ridge) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor rows = spread_rows(training.size(), kMostFittedRows);
  const auto images_at = [&](int64_t begin, int64_t end) {
    return training.images_at(rows.slice(0, begin, end));
  };
  const torch::Tensor x =
      features_in_batches(network, theta, images_at, rows.numel()).to(torch::kFloat64);
  if (!all_finite(x)) {
    throw DivergedError("fitted head: expected finite features, got infinite or NaN ones");
  }
  const torch::Tensor z =
      training.targets.index_select(0, rows.to(training.targets.device())).to(torch::kFloat64);
  const torch::Tensor x_mean = x.mean(0), z_mean = z.mean(0);
  const torch::Tensor centred = x - x_mean;
  const auto count = static_cast<double>(rows.numel());
  torch::Tensor gram = centred.t().mm(centred) / count;  // [F,F]
  const double variance = gram.diagonal().mean().item<double>();
  gram.diagonal().add_(ridge * std::max(variance, kLeastVariance));
  const torch::Tensor moments = centred.t().mm(z - z_mean) / count;  // [F,d]
  const auto [factor, info] = torch::linalg_cholesky_ex(gram);
  if (info.item<int64_t>() != 0) {
    throw Error(
        fmt::format("fitted head: expected independent features, or a ridge above {}", ridge));
  }
  const torch::Tensor solved = torch::cholesky_solve(moments, factor);
  const torch::Tensor weight = solved.t();  // [d,F]
  const torch::Tensor bias = z_mean - weight.mv(x_mean);

  torch::Tensor fitted = theta.detach().clone();
  const int64_t head = weight.numel() + bias.numel();
  fitted.slice(0, fitted.numel() - head)
      .copy_(torch::cat({weight.flatten(), bias}).to(fitted.scalar_type()));
  return fitted;
}

}  // namespace mkdt
