#include "mkdt/data/representations.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/core/error.h"
#include "mkdt/core/safetensors.h"
#include "mkdt/data/array_file.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

constexpr const char* kTensor = "representations";
constexpr int64_t kCheckedValues = 1 << 20;  // at once, so that the check needs little memory

std::string text_or(const ArrayFile& file, const std::string& key, const std::string& otherwise) {
  const auto found = file.metadata.find(key);
  return found == file.metadata.end() ? otherwise : found->second;
}

std::map<std::string, std::string> metadata_of(const RepresentationsInfo& info) {
  return {{"image_fingerprint", info.image_fingerprint},
          {"encoder", info.encoder},
          {"processing", info.processing}};
}

// `values` [n,d] are the rows from `first` on of the file at `path`.
void check_finite(const torch::Tensor& values, int64_t first, const fs::path& path) {
  const int64_t step = std::max<int64_t>(kCheckedValues / std::max<int64_t>(values.size(1), 1), 1);
  for (int64_t begin = 0; begin < values.size(0); begin += step) {
    const int64_t end = std::min(begin + step, values.size(0));
    const torch::Tensor bad = torch::isfinite(values.slice(0, begin, end)).all(1).logical_not();
    if (!bad.any().item<bool>()) continue;
    const auto row = first + begin + bad.to(torch::kInt64).argmax().item<int64_t>();
    throw Error(
        fmt::format("{}: row {} has values that are not finite numbers", path.string(), row));
  }
}

}  // namespace

Representations read_representations(const fs::path& path, int64_t images) {
  const ArrayFile file = read_array(path, kTensor);
  const torch::Tensor& stored = file.values;
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
  representations.values =
      stored.to(torch::kFloat32, false, false, torch::MemoryFormat::Contiguous).contiguous();
  representations.image_fingerprint = text_or(file, "image_fingerprint", "");
  representations.encoder = text_or(file, "encoder", "");
  representations.processing = text_or(file, "processing", "none");
  check_finite(representations.values, 0, path);
  return representations;
}

void write_representations(const fs::path& path, const Representations& values) {
  TensorFile file;
  file.tensors[kTensor] = values.values;
  file.metadata = metadata_of(values);
  write_safetensors(path, file);
}

RowBlocks row_blocks(const torch::Tensor& values) {
  return {values.size(0), values.size(1),
          [values](int64_t begin, int64_t end) { return values.slice(0, begin, end); }};
}

void write_representations(const fs::path& path, const RepresentationsInfo& info,
                           const RowBlocks& blocks, int64_t batch) {
  TORCH_CHECK(batch > 0, "write_representations: batches of ", batch, " rows");
  const TensorLayout layout = {torch::kFloat32, {blocks.rows, blocks.dim}};
  write_safetensors(path, {{kTensor, layout}}, metadata_of(info), [&](std::ostream& stream) {
    for (int64_t begin = 0; begin < blocks.rows; begin += batch) {
      const int64_t end = std::min(begin + batch, blocks.rows);
      const torch::Tensor values = blocks.at(begin, end);
      TORCH_CHECK(values.scalar_type() == torch::kFloat32 &&
                      values.sizes() == torch::IntArrayRef({end - begin, blocks.dim}),
                  "write_representations: expected float32 [", end - begin, ", ", blocks.dim,
                  "], got ", values.scalar_type(), " ", values.sizes());
      check_finite(values, begin, path);
      write_values(stream, values);
    }
  });
}

}  // namespace mkdt
