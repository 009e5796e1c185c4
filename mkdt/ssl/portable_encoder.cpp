#include "mkdt/ssl/portable_encoder.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"
#include "mkdt/data/image_set.h"
#include "mkdt/io/checksum.h"
#include "mkdt/io/regular_file.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/io/torch_file.h"
#include "mkdt/io/zip.h"
#include "mkdt/nn/network_spec.h"
#include "mkdt/ssl/script_encoder.h"

namespace mkdt {
namespace {

std::string fingerprint_of(const Encoder& student, const Normalisation& normalisation) {
  const std::string sums =
      fmt::format("{} {} {}", checksum(student.theta.cpu()), fmt::join(normalisation.mean, ","),
                  fmt::join(normalisation.std, ","));
  return fmt::format("{}, {} pixels, {}", network_title(*student.network),
                     student.network->image_size(), checksum(sums));
}

Normalisation normalisation_of(const Encoder& student, const Normalisation& otherwise,
                               const std::string& origin) {
  const Normalisation found =
      student.mean.empty() ? otherwise : Normalisation{student.mean, student.std};
  if (found.mean.empty()) {
    throw Error(
        fmt::format("{}: an earlier version wrote it, without mean and std: give the run "
                    "folder, or pre-train it again",
                    origin));
  }
  found.check(student.network->channels(), origin);
  return found;
}

}  // namespace

PortableEncoder portable_encoder(const Encoder& student, const Normalisation& otherwise,
                                 const std::string& origin, torch::Device device) {
  const NetworkPtr network = student.network->with_operators(Operators::kStock);
  const ParameterLayout& layout = network->layout();
  std::vector<torch::Tensor> parameters;
  for (const torch::Tensor& view : layout.views(student.theta.detach())) {
    parameters.push_back(view.to(device).clone());
  }
  PortableEncoder encoder;
  for (size_t i = 0; i < parameters.size(); ++i) {
    encoder.tensors[layout.parameters()[i].name] = parameters[i];
  }
  encoder.metadata = metadata_of(student);
  encoder.normalisation = normalisation_of(student, otherwise, origin);
  encoder.fingerprint = fingerprint_of(student, encoder.normalisation);
  encoder.image_size = network->image_size();
  encoder.dim = network->feature_dim();
  encoder.features = [network, parameters](const torch::Tensor& images) {
    std::vector<torch::Tensor> flat;
    for (const torch::Tensor& parameter : parameters) flat.push_back(parameter.flatten());
    return network->features(torch::cat(flat), images);
  };
  return encoder;
}

PortableEncoder portable_encoder(const Teacher& teacher, torch::Device device) {
  teacher.encoder->to(device);
  PortableEncoder encoder;
  for (const auto& entry : teacher.encoder->named_parameters()) {
    encoder.tensors[entry.key()] = entry.value();
  }
  for (const auto& entry : teacher.encoder->named_buffers()) {
    encoder.tensors[entry.key()] = entry.value();
  }
  encoder.metadata = teacher.provenance;
  for (const auto& [key, value] : backbone_metadata(teacher.shape)) encoder.metadata[key] = value;
  encoder.normalisation = teacher.normalisation;
  encoder.fingerprint = teacher.fingerprint();
  encoder.image_size = teacher.encoder->image_size();
  encoder.dim = teacher.encoder->feature_dim();
  encoder.features = [backbone = teacher.encoder](const torch::Tensor& images) {
    return backbone->stock_features(images);
  };
  return encoder;
}

PortableEncoder portable_encoder(const TensorFile& file, const Normalisation& otherwise,
                                 torch::Device device) {
  if (is_encoder(file.metadata)) {
    return portable_encoder(encoder_of(file), otherwise, file.origin, device);
  }
  if (file.metadata.count("architecture") == 0) {
    throw Error(fmt::format(
        "{}: neither an encoder nor a teacher of mkdt: it names no architecture", file.origin));
  }
  return portable_encoder(teacher_of(file), device);
}

TensorFile tensor_file(const PortableEncoder& encoder) {
  TensorFile file;
  file.tensors = encoder.tensors;
  file.tensors["mean"] = torch::tensor(encoder.normalisation.mean);
  file.tensors["std"] = torch::tensor(encoder.normalisation.std);
  file.metadata = encoder.metadata;
  file.metadata["mean"] = fmt::format("{}", fmt::join(encoder.normalisation.mean, ","));
  file.metadata["std"] = fmt::format("{}", fmt::join(encoder.normalisation.std, ","));
  return file;
}

ImageEncoder image_encoder(const PortableEncoder& encoder, torch::Device device) {
  ImageEncoder result;
  result.fingerprint = encoder.fingerprint;
  result.dim = encoder.dim;
  result.encode = [encoder, device](const torch::Tensor& pixels) {
    if (pixels.size(1) != encoder.channels() || pixels.size(2) != encoder.image_size ||
        pixels.size(3) != encoder.image_size) {
      throw Error(fmt::format(
          "the encoder expects images of {} channels and {} pixels, got {} "
          "channels and {}×{} pixels",
          encoder.channels(), encoder.image_size, pixels.size(1), pixels.size(2), pixels.size(3)));
    }
    const torch::NoGradGuard no_grad;
    const torch::Tensor images = encoder.normalisation.apply(pixels.to(device));
    return encoder.features(images).to(torch::kCPU, torch::kFloat32);
  };
  return result;
}

namespace fs = std::filesystem;
namespace {

bool is_archive(const fs::path& path) {
  constexpr std::string_view kBegin = "PK\x03\x04";
  const RegularFile file(path);
  std::array<char, kBegin.size()> begin = {};
  return ::read(file.descriptor(), begin.data(), begin.size()) == kBegin.size() &&
         std::equal(begin.begin(), begin.end(), kBegin.begin());
}

// Tells whether it is a program: TorchScript's archives have a table of constants, torch.save's
// have none.
bool is_program(const fs::path& path) {
  constexpr std::string_view kConstants = "/constants.pkl";
  try {
    ZipEntries entries(path);
    while (entries.next()) {
      const std::string& name = entries.name();
      if (name.size() > kConstants.size() &&
          name.compare(name.size() - kConstants.size(), kConstants.size(), kConstants) == 0) {
        return true;
      }
    }
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", path.string(), error.what()));
  }
  return false;
}

// Reads an exported dictionary as the file that it was made from.
TensorFile dictionary_file(const fs::path& path) {
  const TorchDictionary dictionary = read_torch_dictionary(path);
  const auto parameters = dictionary.dictionaries.find("parameters");
  const auto metadata = dictionary.dictionaries.find("metadata");
  if (parameters == dictionary.dictionaries.end() || metadata == dictionary.dictionaries.end()) {
    throw Error(fmt::format("{}: it has no parameters and metadata, as an exported encoder has",
                            path.string()));
  }
  TensorFile file;
  file.tensors = dictionary.tensors;  // mean and std
  file.tensors.insert(parameters->second.tensors.begin(), parameters->second.tensors.end());
  file.metadata = metadata->second.texts;
  file.origin = path.string();
  return file;
}

FileEncoder portable(const TensorFile& file, torch::Device device) {
  const PortableEncoder encoder = portable_encoder(file, {}, device);
  return {image_encoder(encoder, device), encoder.normalisation, encoder.channels(),
          encoder.image_size};
}

FileEncoder program(const fs::path& path, torch::Device device) {
  const std::optional<ScriptInput> input = script_input(path);
  if (!input) {
    throw Error(
        fmt::format("{}: a program that `mkdt export` did not make does not say what images "
                    "it takes; use it as teacher.torchscript, with teacher.input_size, "
                    "input_mean and input_std",
                    path.string()));
  }
  input->normalisation.check(input->channels, path.string());
  if (input->image_size < 1 || input->image_size > kLargestImage) {
    throw Error(fmt::format("{}: it takes images of {} pixels, expected 1 to {}", path.string(),
                            input->image_size, kLargestImage));
  }
  OutsideOptions options;
  options.torchscript = path.string();
  ImageSet sample;
  sample.normalisation = input->normalisation;
  sample.images = (torch::arange(4 * input->channels * input->image_size * input->image_size) % 251)
                      .to(torch::kUInt8)
                      .view({4, input->channels, input->image_size, input->image_size});
  return {script_encoder(options, sample, device), input->normalisation, input->channels,
          input->image_size};
}

}  // namespace

FileEncoder read_encoder_file(const fs::path& path, torch::Device device) {
  if (!is_archive(path)) return portable(read_safetensors(path), device);
  return is_program(path) ? program(path, device) : portable(dictionary_file(path), device);
}

}  // namespace mkdt
