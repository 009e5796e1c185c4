#include "mkdt/pipeline/subset_files.h"

#include <fmt/format.h>

#include "mkdt/core/safetensors.h"

namespace mkdt {
namespace {

std::filesystem::path file_of(const Run& run, const std::string& kind) {
  return run.path("subset", kind + ".safetensors");
}

}  // namespace

void write_subset(const Run& run, const std::string& kind, const torch::Tensor& rows) {
  TensorFile file;
  file.tensors["rows"] = rows;
  file.metadata = {{"kind", "mkdt subset"}, {"choice", kind}};
  write_safetensors(file_of(run, kind), file);
}

torch::Tensor read_subset(const Run& run, const std::string& kind) {
  return read_safetensors(file_of(run, kind)).tensor("rows").clone();
}

std::function<bool(const std::string& file)> reads_subset(const std::string& kind) {
  return [kind](const std::string& file) {
    return file.rfind("subset/", 0) != 0 || file == fmt::format("subset/{}.safetensors", kind);
  };
}

}  // namespace mkdt
