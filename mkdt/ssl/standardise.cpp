#include "mkdt/ssl/standardise.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/core/error.h"
#include "mkdt/core/safetensors.h"

namespace mkdt {

torch::Tensor Standardisation::apply(const torch::Tensor& values) const {
  const torch::Tensor z = values.to(torch::kFloat32);
  return (z - mean.to(z.device())) / std.to(z.device());
}

Standardisation fit_standardisation(const torch::Tensor& values, double floor) {
  TORCH_CHECK(values.dim() == 2 && values.size(0) > 0, "expected [N,d], got ", values.sizes());
  const torch::Tensor z = values.detach().to(torch::kFloat64);
  const torch::Tensor mean = z.mean(0);
  const torch::Tensor std = (z - mean).square().mean(0).sqrt();
  const double largest = std.max().item<double>();
  Standardisation fitted;
  fitted.mean = mean.to(torch::kFloat32);
  fitted.std = largest > 0 ? std.clamp_min(floor * largest).to(torch::kFloat32)
                           : torch::ones_like(fitted.mean);
  return fitted;
}

void write_standardisation(const std::filesystem::path& path, const Standardisation& values) {
  TensorFile file;
  file.tensors["mean"] = values.mean.cpu();
  file.tensors["std"] = values.std.cpu();
  write_safetensors(path, file);
}

Standardisation read_standardisation(const std::filesystem::path& path, int64_t dim) {
  const TensorFile file = read_safetensors(path);
  Standardisation values;
  values.mean = file.tensor("mean");
  values.std = file.tensor("std");
  for (const torch::Tensor& tensor : {values.mean, values.std}) {
    if (tensor.scalar_type() != torch::kFloat32 || tensor.sizes() != at::IntArrayRef({dim})) {
      throw Error(fmt::format("{}: expected float32 statistics of {} dimensions, got {} [{}]",
                              path.string(), dim, c10::toString(tensor.scalar_type()),
                              fmt::join(tensor.sizes().vec(), ",")));
    }
  }
  if (!(values.std > 0).all().item<bool>()) {
    throw Error(fmt::format("{}: expected standard deviations above 0", path.string()));
  }
  return values;
}

}  // namespace mkdt
