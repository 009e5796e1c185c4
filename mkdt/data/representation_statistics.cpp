#include "mkdt/data/representation_statistics.h"

#include <cmath>

namespace mkdt {

double direction_std(const torch::Tensor& z) {
  const torch::Tensor rows = z.detach().to(torch::kFloat32);
  const torch::Tensor directions = rows / rows.norm(2, 1, true).clamp_min(1e-12);
  return directions.std(0, false).mean().item<double>() *
         std::sqrt(static_cast<double>(rows.size(1)));
}

double effective_rank(const torch::Tensor& z) {
  const torch::Tensor rows = z.detach().to(torch::kFloat64);
  const torch::Tensor centred = rows - rows.mean(0);
  const bool wide = centred.size(1) > centred.size(0);
  const torch::Tensor gram = wide ? centred.mm(centred.t()) : centred.t().mm(centred);
  const torch::Tensor squares = torch::linalg_eigvalsh(gram);
  // What is left of equal rows after rounding is no dimension.
  const double noise = 1e-14 * rows.square().sum().item<double>();
  const torch::Tensor sigma = squares.masked_select(squares > noise).sqrt();
  if (sigma.numel() == 0) return 0;
  const torch::Tensor p = sigma / sigma.sum();
  return std::exp(-(p * p.log()).sum().item<double>());
}

}  // namespace mkdt
