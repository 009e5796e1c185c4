#include "mkdt/ssl/teacher.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"
#include "mkdt/base/finite.h"
#include "mkdt/base/random.h"
#include "mkdt/io/checksum.h"
#include "mkdt/nn/backbones/backbone.h"

namespace mkdt {
namespace {

std::vector<float> three_values(const TensorFile& file, const std::string& name) {
  const torch::Tensor& values = file.tensor(name);
  if (values.scalar_type() != torch::kFloat32 || values.sizes() != at::IntArrayRef({3})) {
    throw Error(fmt::format("{}: tensor '{}': expected 3 float32 values", file.origin, name));
  }
  return {values.data_ptr<float>(), values.data_ptr<float>() + 3};
}

}  // namespace

std::string Teacher::fingerprint() const {
  std::string sums;
  for (const auto& [name, tensor] : module_state(*encoder)) sums += name + checksum(tensor);
  sums +=
      fmt::format("{} {}", fmt::join(normalisation.mean, ","), fmt::join(normalisation.std, ","));
  return fmt::format("{}, {}", describe(shape), checksum(sums));
}

void write_teacher(const std::filesystem::path& path, const Teacher& teacher) {
  TensorFile file;
  file.tensors = module_state(*teacher.encoder);
  file.tensors["mean"] = torch::tensor(teacher.normalisation.mean, torch::kFloat32);
  file.tensors["std"] = torch::tensor(teacher.normalisation.std, torch::kFloat32);
  file.metadata = teacher.provenance;
  for (const auto& [key, value] : backbone_metadata(teacher.shape)) file.metadata[key] = value;
  write_safetensors(path, file);
}

Teacher read_teacher(const std::filesystem::path& path) {
  return teacher_of(read_safetensors(path));
}

Teacher teacher_of(const TensorFile& file) {
  for (const auto& [name, tensor] : file.tensors) {
    expect_finite(tensor, fmt::format("{}: tensor '{}'", file.origin, name));
  }
  at::Generator generator = make_generator(0, "teacher/overwritten");
  Teacher teacher;
  teacher.shape = backbone_shape(file.metadata, file.origin);
  teacher.encoder = make_backbone(teacher.shape, generator);
  load_module_state(*teacher.encoder, file.tensors, file.origin);
  teacher.encoder->eval();
  teacher.normalisation = {three_values(file, "mean"), three_values(file, "std")};
  teacher.normalisation.check(3, file.origin);
  teacher.provenance = file.metadata;
  for (const auto& [key, value] : backbone_metadata(teacher.shape)) teacher.provenance.erase(key);
  return teacher;
}

ImageEncoder image_encoder(const Teacher& teacher, torch::Device device) {
  teacher.encoder->to(device);
  ImageEncoder encoder;
  encoder.fingerprint = teacher.fingerprint();
  encoder.dim = teacher.encoder->feature_dim();
  encoder.encode = [backbone = teacher.encoder, normalisation = teacher.normalisation,
                    device](const torch::Tensor& pixels) {
    if (pixels.size(1) != 3 || pixels.size(2) != backbone->image_size()) {
      throw Error(fmt::format(
          "the teacher expects colour images of {} pixels, got {} channels of {} pixels",
          backbone->image_size(), pixels.size(1), pixels.size(2)));
    }
    const torch::NoGradGuard no_grad;
    return backbone->features(normalisation.apply(pixels.to(device))).to(torch::kCPU);
  };
  return encoder;
}

}  // namespace mkdt
