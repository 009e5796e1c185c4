#include "mkdt/ssl/portable_encoder.h"

#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/utils.h>

#include "mkdt/core/checksum.h"
#include "mkdt/core/error.h"
#include "mkdt/nn/network_spec.h"

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

}  // namespace mkdt
