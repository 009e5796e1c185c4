#include "mkdt/nn/encoder.h"

#include <charconv>
#include <cmath>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/base/error.h"
#include "mkdt/base/finite.h"
#include "mkdt/base/text.h"

namespace mkdt {
namespace {

constexpr const char* kKind = "mkdt encoder";

// Reads "0.5,0.25,0.125", a finite number a channel; nothing where there is no such entry.
std::vector<float> channel_values(const TensorFile& file, const std::string& key,
                                  int64_t channels) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) return {};
  std::vector<float> values;
  const char* at = found->second.data();
  const char* const end = at + found->second.size();
  bool good = true, more = true;
  while (good && more) {
    float value = 0;
    const auto [behind, code] = std::from_chars(at, end, value);
    more = behind != end;
    good = code == std::errc() && std::isfinite(value) && (!more || *behind == ',');
    values.push_back(value);
    at = more ? behind + 1 : behind;
  }
  if (good && static_cast<int64_t>(values.size()) == channels) return values;
  throw Error(fmt::format("{}: its metadata '{}' is '{}', expected {} numbers such as 0.5,0.5,0.5",
                          file.origin, key, printable(found->second), channels));
}

}  // namespace

std::map<std::string, std::string> metadata_of(const Encoder& encoder) {
  std::map<std::string, std::string> metadata = encoder.provenance;
  for (const auto& [key, value] : encoder.network->describe()) metadata[key] = value;
  if (!encoder.mean.empty()) {
    metadata["mean"] = fmt::format("{}", fmt::join(encoder.mean, ","));
    metadata["std"] = fmt::format("{}", fmt::join(encoder.std, ","));
  }
  metadata["kind"] = kKind;
  return metadata;
}

void write_encoder(const std::filesystem::path& path, const Encoder& encoder) {
  TensorFile file;
  const ParameterLayout& layout = encoder.network->layout();
  const std::vector<torch::Tensor> views = layout.views(encoder.theta.detach().cpu());
  for (size_t i = 0; i < views.size(); ++i) file.tensors[layout.parameters()[i].name] = views[i];
  file.metadata = metadata_of(encoder);
  write_safetensors(path, file);
}

Encoder read_encoder(const std::filesystem::path& path) {
  return encoder_of(read_safetensors(path));
}

Encoder encoder_of(const TensorFile& file) {
  Encoder encoder;
  encoder.network = make_network(file.metadata, file.origin);
  encoder.provenance = file.metadata;
  encoder.mean = channel_values(file, "mean", encoder.network->channels());
  encoder.std = channel_values(file, "std", encoder.network->channels());
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

bool is_encoder(const std::map<std::string, std::string>& metadata) {
  const auto kind = metadata.find("kind");
  return kind != metadata.end() && kind->second == kKind;
}

}  // namespace mkdt
