#include "mkdt/ssl/target_processing.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/base/error.h"
#include "mkdt/base/finite.h"
#include "mkdt/base/observer.h"
#include "mkdt/io/safetensors.h"

namespace mkdt {
namespace {

constexpr int64_t kRowsAtATime = 8192;  // held in float64 at a time
constexpr double kStdFloor = 1e-3;      // of the largest deviation

// Returns the sum of body(block of rows in float64).
template <typename Body>
torch::Tensor sum_over_rows(const RowBlocks& values, const Observer& observer, Body body) {
  torch::Tensor sum;
  for (int64_t begin = 0; begin < values.rows; begin += kRowsAtATime) {
    throw_if_stopped(observer);
    const int64_t end = std::min(begin + kRowsAtATime, values.rows);
    const torch::Tensor part = body(values.at(begin, end).to(torch::kFloat64));
    sum = sum.defined() ? sum + part : part;
  }
  return sum;
}

// Returns the `count` leading eigenvectors of the covariance, [d,count], and their eigenvalues.
std::tuple<torch::Tensor, torch::Tensor> principal_axes(const torch::Tensor& covariance,
                                                        int64_t count) {
  const auto [ascending, vectors] = torch::linalg_eigh(covariance);
  const torch::Tensor axes = vectors.flip(1).slice(1, 0, count);
  const torch::Tensor largest = axes.gather(0, axes.abs().argmax(0, /*keepdim=*/true));
  return {axes * largest.sign(), ascending.flip(0).slice(0, 0, count).clamp_min(0)};
}

torch::Tensor floored(const torch::Tensor& std) {
  const double largest = std.max().item<double>();
  if (largest < std::numeric_limits<float>::min()) return torch::ones_like(std);
  return std.clamp_min(kStdFloor * largest);
}

// Returns the tensor of that name with `dims` sizes, the first of them `first`; undefined if there
// is none.
torch::Tensor optional_tensor(const TensorFile& file, const std::string& name, int64_t dims,
                              int64_t first) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) return {};
  const torch::Tensor& tensor = found->second;
  if (tensor.scalar_type() != torch::kFloat32 || tensor.dim() != dims || tensor.size(0) != first) {
    throw Error(fmt::format(
        "{}: tensor '{}': expected float32 values for {} dimensions, got {} [{}]", file.origin,
        name, first, c10::toString(tensor.scalar_type()), fmt::join(tensor.sizes().vec(), ",")));
  }
  expect_finite(tensor, fmt::format("{}: tensor '{}'", file.origin, name));
  return tensor;
}

}  // namespace

void ProcessingOptions::declare(OptionSection& section) {
  section.add("pca", pca, 0, 65536,
              "Keep so many principal axes of the representations, fitted to the training images; "
              "0 keeps all dimensions as they are.");
  section.add("standardise", standardise,
              "Shift and scale every dimension of the representations to mean 0 and deviation 1, "
              "with statistics of the training images; after the PCA where there is one.");
}

void ProcessingOptions::check(int64_t dim) const {
  if (pca <= dim) return;
  throw Error(
      fmt::format("teacher.pca is {}, but the representations have {} dimensions", pca, dim));
}

torch::Tensor TargetProcessing::apply(const torch::Tensor& values) const {
  torch::Tensor z = values.to(torch::kFloat32);
  if (mean.defined()) z = z - mean.to(z.device());
  if (axes.defined()) z = z.mm(axes.to(z.device()));
  if (std.defined()) z = z / std.to(z.device());
  return z;
}

std::string TargetProcessing::description() const {
  const std::string pca = axes.defined() ? fmt::format("pca {}", axes.size(1)) : "";
  if (!std.defined()) return pca.empty() ? "none" : pca;
  return pca.empty() ? "standardise" : pca + ", standardise";
}

TargetProcessing fit_processing(const RowBlocks& values, const ProcessingOptions& options,
                                const Observer& observer) {
  TORCH_CHECK(values.rows > 0, "no representations");
  options.check(values.dim);
  TargetProcessing fitted;
  if (!options.any()) return fitted;
  const auto rows = static_cast<double>(values.rows);
  const torch::Tensor mean =
      sum_over_rows(values, observer, [](const auto& z) { return z.sum(0); }) / rows;
  fitted.mean = mean.to(torch::kFloat32);
  torch::Tensor variance;
  if (options.pca > 0) {
    const torch::Tensor covariance = sum_over_rows(values, observer, [&](const torch::Tensor& z) {
      const torch::Tensor centred = z - mean;
      return centred.t().mm(centred);
    });
    torch::Tensor axes;
    std::tie(axes, variance) = principal_axes(covariance / rows, options.pca);
    fitted.axes = axes.to(torch::kFloat32).contiguous();
  } else {
    variance =
        sum_over_rows(values, observer, [&](const auto& z) { return (z - mean).square().sum(0); }) /
        rows;
  }
  if (options.standardise) fitted.std = floored(variance.sqrt()).to(torch::kFloat32).contiguous();
  return fitted;
}

void write_processing(const std::filesystem::path& path, const TargetProcessing& processing) {
  TensorFile file;
  for (const auto& [name, tensor] :
       {std::pair("mean", processing.mean), {"axes", processing.axes}, {"std", processing.std}}) {
    if (tensor.defined()) file.tensors[name] = tensor.cpu();
  }
  file.metadata["processing"] = processing.description();
  write_safetensors(path, file);
}

TargetProcessing read_processing(const std::filesystem::path& path, int64_t dim) {
  const TensorFile file = read_safetensors(path);
  TargetProcessing processing;
  processing.mean = optional_tensor(file, "mean", 1, dim);
  processing.axes = optional_tensor(file, "axes", 2, dim);
  processing.std = optional_tensor(file, "std", 1, processing.outputs(dim));
  if (processing.std.defined() && !(processing.std > 0).all().item<bool>()) {
    throw Error(fmt::format("{}: expected standard deviations above 0", path.string()));
  }
  return processing;
}

}  // namespace mkdt
