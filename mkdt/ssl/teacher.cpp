#include "mkdt/ssl/teacher.h"

#include <algorithm>

#include <fmt/format.h>
#include <torch/utils.h>

#include "mkdt/core/checksum.h"
#include "mkdt/core/error.h"
#include "mkdt/core/random.h"
#include "mkdt/core/safetensors.h"
#include "mkdt/nn/module_state.h"

namespace mkdt {
namespace {

constexpr const char* kArchitecture = "resnet18";

std::vector<float> three_values(const TensorFile& file, const std::string& name) {
  const torch::Tensor& values = file.tensor(name);
  if (values.scalar_type() != torch::kFloat32 || values.sizes() != at::IntArrayRef({3})) {
    throw Error(fmt::format("{}: tensor '{}': expected 3 float32 values", file.origin, name));
  }
  return {values.data_ptr<float>(), values.data_ptr<float>() + 3};
}

ResNetShape read_shape(const TensorFile& file) {
  if (file.text("architecture") != kArchitecture) {
    throw Error(fmt::format("{}: architecture: expected {}, got {}", file.origin, kArchitecture,
                            file.text("architecture")));
  }
  const ResNetShape shape{file.integer("image_size"), file.integer("width")};
  if (shape.width < 1 || shape.width > 4096 || shape.image_size < 8) {
    throw Error(fmt::format("{}: not a teacher: width {} for images of {} pixels", file.origin,
                            shape.width, shape.image_size));
  }
  return shape;
}

}  // namespace

std::string Teacher::fingerprint() const {
  std::string sums;
  for (const auto& [name, tensor] : module_state(*encoder)) sums += name + checksum(tensor);
  sums +=
      fmt::format("{} {}", fmt::join(normalisation.mean, ","), fmt::join(normalisation.std, ","));
  return fmt::format("{} width {}, {} pixels, {}", kArchitecture, encoder->shape().width,
                     encoder->shape().image_size, checksum(sums));
}

void write_teacher(const std::filesystem::path& path, const Teacher& teacher) {
  TensorFile file;
  file.tensors = module_state(*teacher.encoder);
  file.tensors["mean"] = torch::tensor(teacher.normalisation.mean, torch::kFloat32);
  file.tensors["std"] = torch::tensor(teacher.normalisation.std, torch::kFloat32);
  file.metadata = teacher.provenance;
  file.metadata["architecture"] = kArchitecture;
  file.metadata["image_size"] = std::to_string(teacher.encoder->shape().image_size);
  file.metadata["width"] = std::to_string(teacher.encoder->shape().width);
  write_safetensors(path, file);
}

Teacher read_teacher(const std::filesystem::path& path) {
  const TensorFile file = read_safetensors(path);
  at::Generator generator = make_generator(0, "teacher/overwritten");
  Teacher teacher;
  teacher.encoder = std::make_shared<ResNet>(read_shape(file), generator);
  load_module_state(*teacher.encoder, file.tensors, path.string());
  teacher.encoder->eval();
  teacher.normalisation = {three_values(file, "mean"), three_values(file, "std")};
  teacher.provenance = file.metadata;
  for (const char* key : {"architecture", "image_size", "width"}) teacher.provenance.erase(key);
  return teacher;
}

torch::Tensor embed(const Teacher& teacher, const ImageSet& images, int64_t batch,
                    torch::Device device, Observer& observer) {
  const ResNetShape& shape = teacher.encoder->shape();
  if (images.image_size() != shape.image_size || images.channels() != 3) {
    throw Error(
        fmt::format("{}: the teacher expects colour images of {} pixels, got {} channels "
                    "of {} pixels",
                    images.name, shape.image_size, images.channels(), images.image_size()));
  }
  const torch::NoGradGuard no_grad;
  teacher.encoder->to(device);
  torch::Tensor values = torch::empty({images.size(), teacher.encoder->feature_dim()});
  observer.begin("embed " + images.name, images.size(), "images");
  for (int64_t begin = 0; begin < images.size(); begin += batch) {
    const int64_t end = std::min(begin + batch, images.size());
    const torch::Tensor pixels = images.images.slice(0, begin, end).to(device);
    values.slice(0, begin, end)
        .copy_(teacher.encoder->features(teacher.normalisation.apply(pixels)));
    observer.advance(end, "");
  }
  observer.end();
  return values;
}

}  // namespace mkdt
