#include "mkdt/io/array_file.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/io/npy.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/io/torch_file.h"

namespace mkdt {
namespace {

const torch::Tensor& find_values(const TensorFile& file, const std::string& name) {
  const auto named = file.tensors.find(name);
  if (named != file.tensors.end()) return named->second;
  if (file.passed_over.count(name) != 0) return file.tensor(name);  // an Error, which says why
  if (file.tensors.size() == 1) return file.tensors.begin()->second;
  throw Error(fmt::format("{}: expected a tensor '{}' or exactly one tensor, but it has {} tensors",
                          file.origin, name, file.tensors.size()));
}

}  // namespace

ArrayFile read_array(const std::filesystem::path& path, const std::string& name) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  if (ending == ".safetensors") {
    const TensorFile file = read_safetensors(path);
    return {find_values(file, name), file.metadata};
  }
  if (ending == ".npy") return {read_npy(path), {}};
  if (ending == ".pt" || ending == ".pth") return {read_torch_tensor(path), {}};
  throw Error(fmt::format("{}: expected a name that ends in .safetensors, .npy, .pt or .pth",
                          path.string()));
}

}  // namespace mkdt
