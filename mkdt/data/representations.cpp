#include "mkdt/data/representations.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/types.h>

#include "mkdt/base/error.h"
#include "mkdt/base/text.h"
#include "mkdt/io/array_file.h"
#include "mkdt/io/regular_file.h"
#include "mkdt/io/safetensors.h"

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
  // The rest that rounding leaves of equal rows is no dimension.
  const double noise = 1e-14 * rows.square().sum().item<double>();
  const torch::Tensor sigma = squares.masked_select(squares > noise).sqrt();
  if (sigma.numel() == 0) return 0;
  const torch::Tensor p = sigma / sigma.sum();
  return std::exp(-(p * p.log()).sum().item<double>());
}

namespace {

constexpr double kRounding = 1e-5;  // relative to the rows' size; equal rows may differ by it
constexpr double kLine = 1.5;       // effective rank of rows that lie on a line, some noise aside
constexpr int64_t kRowsForEachValue = 20;  // more of them are suspicious

// Returns the spread of the distances to the mean row, relative to the rows' size.
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

// Checks `values` [n,d], the rows from `first` on of the file at `path`.
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

namespace {

ArrayFile read_matrix(const fs::path& path, int64_t images) {
  ArrayFile file = read_array(path, kTensor);
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
  return file;
}

RepresentationsInfo info_of(const ArrayFile& file) {
  return {text_or(file, "image_fingerprint", ""), text_or(file, "encoder", ""),
          text_or(file, "processing", "none")};
}

}  // namespace

RepresentationsHeader read_representations_header(const fs::path& path, int64_t images) {
  const ArrayFile file = read_matrix(path, images);
  return {info_of(file), file.values.size(0), file.values.size(1)};
}

Representations read_representations(const fs::path& path, int64_t images) {
  const ArrayFile file = read_matrix(path, images);
  Representations representations;
  static_cast<RepresentationsInfo&>(representations) = info_of(file);
  representations.values =
      file.values.to(torch::kFloat32, false, false, torch::MemoryFormat::Contiguous).contiguous();
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

namespace {

constexpr uint64_t kMaxRowNames = uint64_t{4} << 30;

// Tells whether the shorter path is the end of the longer one.
bool is_end_of(const std::string& one, const std::string& other) {
  const std::string& longer = one.size() < other.size() ? other : one;
  const std::string& shorter = one.size() < other.size() ? one : other;
  const size_t begin = longer.size() - shorter.size();
  return !shorter.empty() && longer.compare(begin, shorter.size(), shorter) == 0 &&
         (begin == 0 || longer[begin - 1] == '/');
}

std::string without_dot(const std::string& line) {
  return line.compare(0, 2, "./") == 0 ? line.substr(2) : line;
}

}  // namespace

std::filesystem::path row_names_file(const std::filesystem::path& rows) {
  return std::filesystem::path(rows) += ".names";
}

void check_row_names(const std::filesystem::path& file, const std::vector<std::string>& images) {
  std::istringstream lines(read_regular_file(file, kMaxRowNames));
  std::unordered_map<std::string, size_t> row_of;  // equal lines tell nothing of the order
  size_t row = 0;
  for (std::string line; std::getline(lines, line); ++row) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (row >= images.size()) continue;
    if (is_end_of(without_dot(line), images[row])) {
      const auto [other, is_new] = row_of.emplace(line, row);
      if (is_new) continue;
      throw Error(
          fmt::format("{}: lines {} and {} are both '{}', which tells nothing of their order; "
                      "write the folders of the images, too, as `mkdt data CONFIG --list` does",
                      file.string(), other->second + 1, row + 1, printable(line)));
    }
    throw Error(
        fmt::format("{}: line {} is '{}', but that row of the data set is '{}'; `mkdt data CONFIG "
                    "--list` prints the order of the rows",
                    file.string(), row + 1, printable(line), images[row]));
  }
  if (row != images.size()) {
    throw Error(fmt::format("{}: {} lines, but the data set has {} images", file.string(), row,
                            images.size()));
  }
}

}  // namespace mkdt
