#include "mkdt/ssl/encoder_file.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <unistd.h>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/regular_file.h"
#include "mkdt/core/safetensors.h"
#include "mkdt/data/image_splits.h"
#include "mkdt/data/torch_file.h"
#include "mkdt/data/zip_entries.h"
#include "mkdt/ssl/portable_encoder.h"
#include "mkdt/ssl/script_encoder.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

bool is_archive(const fs::path& path) {
  constexpr std::string_view kBegin = "PK\x03\x04";
  const RegularFile file(path);
  std::array<char, kBegin.size()> begin = {};
  return ::read(file.descriptor(), begin.data(), begin.size()) == kBegin.size() &&
         std::equal(begin.begin(), begin.end(), kBegin.begin());
}

// TorchScript's archives have a table of constants, torch.save's have none.
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

// The exported dictionary as the file that it was made from.
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
