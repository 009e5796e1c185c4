#include "mkdt/base/finite.h"

#include <fmt/format.h>

#include "mkdt/base/error.h"

namespace mkdt {

bool all_finite(const torch::Tensor& values) {
  return values.detach().isfinite().all().item<bool>();
}

bool all_finite(const std::vector<torch::Tensor>& tensors) {
  torch::Tensor elsewhere;  // whether the tensors that are not on the CPU are finite
  for (const torch::Tensor& values : tensors) {
    if (!values.defined()) continue;
    if (values.is_cpu()) {
      if (!all_finite(values)) return false;
      continue;
    }
    const torch::Tensor finite = values.detach().isfinite().all();
    elsewhere = elsewhere.defined() ? elsewhere.logical_and(finite.to(elsewhere.device())) : finite;
  }
  return !elsewhere.defined() || elsewhere.item<bool>();
}

void expect_finite(const torch::Tensor& values, const std::string& what) {
  if (!all_finite(values))
    throw Error(fmt::format("{} has values that are not finite numbers", what));
}

}  // namespace mkdt
