#include "mkdt/data/representations.h"

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/safetensors.h"

namespace mkdt {
namespace {

constexpr const char* kTensor = "representations";

// The tensor of that name, or the only one of a file that others have made.
const torch::Tensor& find_values(const TensorFile& file) {
  const auto named = file.tensors.find(kTensor);
  if (named != file.tensors.end()) return named->second;
  if (file.tensors.size() == 1) return file.tensors.begin()->second;
  throw Error(fmt::format("{}: expected a tensor '{}' or exactly one tensor, but it has {} tensors",
                          file.origin, kTensor, file.tensors.size()));
}

std::string text_or(const TensorFile& file, const std::string& key, const std::string& otherwise) {
  const auto found = file.metadata.find(key);
  return found == file.metadata.end() ? otherwise : found->second;
}

void check_finite(const torch::Tensor& values, const std::string& origin) {
  const torch::Tensor bad = torch::isfinite(values).all(1).logical_not();
  if (!bad.any().item<bool>()) return;
  const auto row = bad.to(torch::kInt64).argmax().item<int64_t>();
  throw Error(fmt::format("{}: row {} has values that are not finite numbers", origin, row));
}

}  // namespace

Representations read_representations(const std::filesystem::path& path, int64_t images) {
  const TensorFile file = read_safetensors(path);
  const torch::Tensor& stored = find_values(file);
  if (stored.dim() != 2 || stored.numel() == 0 || !torch::isFloatingType(stored.scalar_type())) {
    throw Error(fmt::format(
        "{}: expected floating-point representations [images, dimensions], but found {} [{}]",
        path.string(), c10::toString(stored.scalar_type()), fmt::join(stored.sizes().vec(), ", ")));
  }
  if (images >= 0 && stored.size(0) != images) {
    throw Error(fmt::format("{}: {} rows, but the data set has {} images", path.string(),
                            stored.size(0), images));
  }
  Representations representations;
  representations.values = stored.to(torch::kFloat32).contiguous();
  representations.image_fingerprint = text_or(file, "image_fingerprint", "");
  representations.encoder = text_or(file, "encoder", "");
  representations.processing = text_or(file, "processing", "none");
  check_finite(representations.values, path.string());
  return representations;
}

void write_representations(const std::filesystem::path& path, const Representations& values) {
  TensorFile file;
  file.tensors[kTensor] = values.values;
  file.metadata["image_fingerprint"] = values.image_fingerprint;
  file.metadata["encoder"] = values.encoder;
  file.metadata["processing"] = values.processing;
  write_safetensors(path, file);
}

}  // namespace mkdt
