#include "mkdt/publish/encoder_export.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/io/torch_file.h"

namespace mkdt {
namespace jit = torch::jit;
namespace {

constexpr double kSame = 1e-4;  // relative difference that rounding may make

torch::Tensor noise(const PortableEncoder& encoder, int64_t count) {
  at::Generator generator = make_generator(static_cast<uint64_t>(count), "export/program");
  return torch::rand({count, encoder.channels(), encoder.image_size, encoder.image_size},
                     generator);
}

torch::Tensor per_channel(const std::vector<float>& values) {
  return torch::tensor(values).view({1, -1, 1, 1});
}

// Adds the module's attributes. The tracer recognises parameters since they are the same tensors.
void add_attributes(const PortableEncoder& encoder, jit::Module& module) {
  for (const auto& [name, tensor] : encoder.tensors) {
    if (!tensor.is_floating_point()) continue;  // a count of batches, for training alone
    std::string attribute = name;
    std::replace(attribute.begin(), attribute.end(), '.', '_');
    module.register_parameter(attribute, tensor, /*is_buffer=*/false);
  }
  module.register_buffer("mean", per_channel(encoder.normalisation.mean));
  module.register_buffer("std", per_channel(encoder.normalisation.std));
  for (const auto& [name, number] :
       {std::pair("channels", encoder.channels()), std::pair("image_size", encoder.image_size),
        std::pair("takes_pixels", int64_t{1})}) {
    module.register_attribute(name, c10::IntType::get(), number);
  }
}

// Adds the method features(images in normalised space).
void trace_features(const PortableEncoder& encoder, jit::Module& module) {
  const auto run = [&](jit::Stack inputs) -> jit::Stack {
    return {encoder.features(inputs.at(0).toTensor())};
  };
  const auto no_name = [](const torch::autograd::Variable&) { return std::string(); };
  const auto traced = jit::tracer::trace({noise(encoder, 2)}, run, no_name, /*strict=*/true,
                                         /*force_outplace=*/false, &module, {"images"});
  const c10::QualifiedName name(*module.type()->name(), "features");
  module.type()->addMethod(
      module._ivalue()->compilation_unit()->create_function(name, traced.first->graph));
}

// Adds the method forward(images). In it, 0 is torch.uint8 and 6 is torch.float32.
void define_forward(const PortableEncoder& encoder, jit::Module& module) {
  module.define(fmt::format(R"(
def forward(self, images: Tensor) -> Tensor:
    pixels = images.to(6)
    if images.dtype == 0:
        pixels = pixels / 255
    if pixels.dim() == 4 and pixels.size(1) == 1:
        pixels = pixels.expand(-1, self.channels, -1, -1)
    assert pixels.dim() == 4 and pixels.size(1) == self.channels and pixels.size(2) == self.image_size and pixels.size(3) == self.image_size, "expected images [N,{0},{1},{1}]"
    return self.features((pixels - self.mean) / self.std)
)",
                            encoder.channels(), encoder.image_size));
}

// Throws Error if the program gives other features than the encoder, as it would if the trace
// depended on the number of images.
void check_program(const PortableEncoder& encoder, jit::Module& module,
                   const std::filesystem::path& path) {
  const jit::GraphOptimizerEnabledGuard as_written(false);  // compiling it may take minutes
  for (const int64_t count : {1, 5}) {
    const torch::Tensor images = noise(encoder, count);
    const torch::Tensor expected =
        encoder.features((images - per_channel(encoder.normalisation.mean)) /
                         per_channel(encoder.normalisation.std));
    const torch::Tensor got = module.forward({images}).toTensor();
    const double scale = expected.abs().max().item<double>();
    const double error = (got - expected).abs().max().item<double>();
    if (error <= kSame * scale) continue;
    throw Error(
        fmt::format("{}: the program's features of {} images differ from the encoder's by "
                    "{:g}: it is not written",
                    path.string(), count, error));
  }
}

}  // namespace

void write_encoder_program(const PortableEncoder& encoder, const std::filesystem::path& path) {
  const torch::NoGradGuard no_grad;
  jit::Module module(c10::QualifiedName("__torch__.mkdt.Encoder"));
  add_attributes(encoder, module);
  trace_features(encoder, module);
  define_forward(encoder, module);
  module.eval();
  check_program(encoder, module, path);
  const nlohmann::json metadata = encoder.metadata;
  const jit::ExtraFilesMap extra = {
      {"metadata.json",
       metadata.dump(2, ' ', /*ensure_ascii=*/true, nlohmann::json::error_handler_t::replace)}};
  write_file_atomically(path, [&](std::ostream& stream) { module.save(stream, extra); });
}

namespace fs = std::filesystem;
namespace {

void write_pt(const PortableEncoder& encoder, const fs::path& path) {
  const TensorFile file = tensor_file(encoder);
  TorchDictionary dictionary;
  dictionary.tensors = {{"mean", file.tensor("mean")}, {"std", file.tensor("std")}};
  dictionary.dictionaries["parameters"].tensors = encoder.tensors;
  dictionary.dictionaries["metadata"].texts = file.metadata;
  write_torch_archive(path, dictionary);
}

}  // namespace

EncoderFormat encoder_format(const std::string& name) {
  const std::map<std::string, EncoderFormat> formats = {
      {"pt", EncoderFormat::kPt},
      {"torchscript", EncoderFormat::kTorchscript},
      {"safetensors", EncoderFormat::kSafetensors}};
  const auto found = formats.find(name);
  if (found != formats.end()) return found->second;
  throw Error(
      fmt::format("--to: expected pt, torchscript or safetensors for an encoder, got '{}'", name));
}

void export_encoder(const PortableEncoder& encoder, const fs::path& path, EncoderFormat format) {
  try {
    switch (format) {
      case EncoderFormat::kPt:
        return write_pt(encoder, path);
      case EncoderFormat::kTorchscript:
        return write_encoder_program(encoder, path);
      case EncoderFormat::kSafetensors:
        return write_safetensors(path, tensor_file(encoder));
    }
  } catch (const fs::filesystem_error& error) {
    throw Error(fmt::format("{}: cannot export: {}", path.string(), error.code().message()));
  }
}

}  // namespace mkdt
