#include "mkdt/report/encoder_export.h"

#include <map>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/safetensors.h"
#include "mkdt/report/encoder_program.h"
#include "mkdt/report/torch_archive.h"

namespace mkdt {
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
