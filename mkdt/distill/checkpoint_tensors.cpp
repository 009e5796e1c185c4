#include "mkdt/distill/checkpoint_tensors.h"

namespace mkdt {

void put_optional(TensorFile& file, const std::string& name, const torch::Tensor& tensor) {
  if (tensor.defined()) file.tensors[name] = tensor;
}

torch::Tensor take_optional(const TensorFile& file, const std::string& name, torch::Device device) {
  const auto found = file.tensors.find(name);
  return found == file.tensors.end() ? torch::Tensor() : found->second.to(device).clone();
}

void put_moments(TensorFile& file, const std::string& name, const Moments& moments) {
  put_optional(file, name + ".first", moments.first);
  put_optional(file, name + ".second", moments.second);
  file.tensors[name + ".steps"] = torch::tensor(moments.steps, torch::kInt64);
}

Moments take_moments(const TensorFile& file, const std::string& name, torch::Device device) {
  return {take_optional(file, name + ".first", device),
          take_optional(file, name + ".second", device),
          file.tensor(name + ".steps").item<int64_t>()};
}

}  // namespace mkdt
