#include "mkdt/nn/encoder.h"

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/finite.h"
#include "mkdt/core/safetensors.h"

namespace mkdt {

void write_encoder(const std::filesystem::path& path, const Encoder& encoder) {
  TensorFile file;
  const ParameterLayout& layout = encoder.network->layout();
  const std::vector<torch::Tensor> views = layout.views(encoder.theta.detach().cpu());
  for (size_t i = 0; i < views.size(); ++i) file.tensors[layout.parameters()[i].name] = views[i];
  file.metadata = encoder.provenance;
  for (const auto& [key, value] : encoder.network->describe()) file.metadata[key] = value;
  file.metadata["kind"] = "mkdt encoder";
  write_safetensors(path, file);
}

Encoder read_encoder(const std::filesystem::path& path) {
  const TensorFile file = read_safetensors(path);
  Encoder encoder;
  encoder.network = make_network(file.metadata, file.origin);
  encoder.provenance = file.metadata;
  std::vector<torch::Tensor> parameters;
  for (const ParameterShape& parameter : encoder.network->layout().parameters()) {
    const torch::Tensor& values = file.tensor(parameter.name);
    if (values.sizes() != torch::IntArrayRef(parameter.shape)) {
      throw Error(fmt::format("{}: '{}' does not have the shape that the architecture needs",
                              file.origin, parameter.name));
    }
    expect_finite(values, fmt::format("{}: '{}'", file.origin, parameter.name));
    parameters.push_back(values.to(torch::kFloat32).flatten());
  }
  encoder.theta = torch::cat(parameters);
  return encoder;
}

}  // namespace mkdt
