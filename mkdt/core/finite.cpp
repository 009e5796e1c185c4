#include "mkdt/core/finite.h"

#include <fmt/format.h>

#include "mkdt/core/error.h"

namespace mkdt {

bool all_finite(const torch::Tensor& values) {
  return values.detach().isfinite().all().item<bool>();
}

void expect_finite(const torch::Tensor& values, const std::string& what) {
  if (!all_finite(values))
    throw Error(fmt::format("{} has values that are not finite numbers", what));
}

}  // namespace mkdt
