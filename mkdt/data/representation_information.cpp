#include "mkdt/data/representation_information.h"

#include <tuple>

#include <fmt/format.h>
#include <torch/types.h>

#include "mkdt/data/representation_statistics.h"

namespace mkdt {
namespace {

constexpr double kRounding = 1e-5;  // of the rows' size, that equal rows may differ by
constexpr double kLine = 1.5;       // effective rank of what lies on a line, some noise aside
constexpr int64_t kRowsForEachValue = 20;  // and more is suspicious

// Of the distances to the mean row, relative to the rows' size.
double relative_spread(const torch::Tensor& z) {
  const torch::Tensor rows = z.to(torch::kFloat64);
  const double size = rows.norm().item<double>();
  return size == 0 ? 0 : (rows - rows.mean(0)).norm().item<double>() / size;
}

}  // namespace

std::string lack_of_information(const torch::Tensor& z) {
  const int64_t rows = z.size(0);
  if (rows < 2) return "";
  if (relative_spread(z) < kRounding) {
    return fmt::format("all of {} images have the same representation", rows);
  }
  const int64_t different = std::get<0>(at::unique_dim(z, /*dim=*/0)).size(0);
  if (different * kRowsForEachValue <= rows || (different == 2 && rows > 4)) {
    return fmt::format("{} images have only {} different representations", rows, different);
  }
  const double rank = effective_rank(z);
  if (rows > 4 && z.size(1) > 2 && rank < kLine) {
    return fmt::format("the representations have an effective rank of {:.1f} in {} dimensions",
                       rank, z.size(1));
  }
  return "";
}

}  // namespace mkdt
