#include "mkdt/run/report_files.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/io/json.h"
#include "mkdt/io/safetensors.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

std::vector<std::string> names_in(const TensorFile& file) {
  try {
    check_json_depth(file.text("names"), file.origin);
    return nlohmann::json::parse(file.text("names")).get<std::vector<std::string>>();
  } catch (const nlohmann::json::exception&) {
    throw Error(file.origin + ": 'names' is not a list of texts");
  }
}

// Returns the mean values of each class, [classes,d], and 0 for a class without images; `values` is
// float32 [N,d], `labels` int64 [N].
torch::Tensor means_of(const torch::Tensor& values, const torch::Tensor& labels, int64_t classes) {
  constexpr int64_t kRows = 4096;  // at a time, so that a mapped file is never all in memory
  torch::Tensor sums = torch::zeros({classes, values.size(1)}, torch::kFloat64);
  for (int64_t begin = 0; begin < values.size(0); begin += kRows) {
    const int64_t end = std::min(begin + kRows, values.size(0));
    sums.index_add_(0, labels.slice(0, begin, end), values.slice(0, begin, end).to(sums.dtype()));
  }
  const torch::Tensor counts = torch::bincount(labels, {}, classes).clamp_min(1);
  return (sums / counts.unsqueeze(1)).to(torch::kFloat32);
}

}  // namespace

bool is_for_reports(const fs::path& file) {
  return file.filename() == kStartFile || file.filename() == kClassesFile.name;
}

void write_start(const Run& run, const std::string& stage, const SyntheticSet& start) {
  write_synthetic_set(run.path(stage, kStartFile), start);
}

fs::path start_file(const fs::path& run_folder, const std::string& stage) {
  return run_folder / stage / kStartFile;
}

void write_class_means(Run& run) {
  const ImageSet& images = run.images(Part::kTrain);
  if (!images.labelled()) return;
  const torch::Tensor values = run.representations(Part::kTrain).values;
  const auto classes = static_cast<int64_t>(images.class_names.size());
  TensorFile file;
  file.tensors["means"] = means_of(values, images.labels, classes);
  const nlohmann::json names = images.class_names;
  file.metadata = {{"kind", "mkdt class means"},
                   {"names", names.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)}};
  write_safetensors(run.path(kClassesFile), file);
}

std::optional<ClassMeans> read_class_means(const fs::path& run_folder) {
  const fs::path path = kClassesFile.in(run_folder);
  if (!fs::exists(path)) return std::nullopt;
  const TensorFile file = read_safetensors(path);
  ClassMeans classes = {file.tensor("means"), names_in(file)};
  if (classes.means.dim() != 2 || classes.means.scalar_type() != torch::kFloat32 ||
      classes.means.size(0) != static_cast<int64_t>(classes.names.size())) {
    throw Error(fmt::format("{}: expected float32 means [K,d] and K names", path.string()));
  }
  return classes;
}

}  // namespace mkdt
