#include "mkdt/ssl/script_faults.h"

#include <caffe2/serialize/versions.h>

#include <fmt/format.h>
#include <torch/version.h>

#include "mkdt/base/error.h"
#include "mkdt/base/text.h"
#include "mkdt/base/units.h"
#include "mkdt/io/zip.h"

namespace mkdt {
namespace {

constexpr const char* kOperatorLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Returns "aten::name", the first that `text` has after `mark`.
std::optional<std::string> operator_after(const std::string& text, const std::string& mark) {
  const size_t found = text.find(mark);
  if (found == std::string::npos) return std::nullopt;
  const size_t begin = text.find("::", found);
  if (begin == std::string::npos) return std::nullopt;
  const size_t start = text.find_last_not_of(kOperatorLetters, begin) + 1;
  const size_t end = text.find_first_not_of(kOperatorLetters, begin);
  return text.substr(start, end == std::string::npos ? end : end - start);
}

struct ArchiveVersion {
  std::optional<int64_t> format;
  bool has_byte_order = false;  // PyTorch writes it since 2.1
};

ArchiveVersion version_of(const std::filesystem::path& path) {
  const auto ends_with = [](const std::string& text, const std::string& end) {
    return text.size() >= end.size() &&
           text.compare(text.size() - end.size(), end.size(), end) == 0;
  };
  constexpr uint64_t kMostDigits = 20;
  ArchiveVersion version;
  try {
    ZipEntries entries(path);
    while (entries.next()) {
      if (ends_with(entries.name(), "/byteorder")) version.has_byte_order = true;
      if (!ends_with(entries.name(), "/version") || entries.size() > kMostDigits) continue;
      const torch::Tensor bytes = entries.contents();
      std::string text(reinterpret_cast<const char*>(bytes.data_ptr<uint8_t>()),
                       static_cast<size_t>(bytes.numel()));
      text = text.substr(0, text.find_first_not_of("0123456789"));
      version.format = parse_integer(text);
    }
  } catch (const Error&) {  // libtorch has already said that it cannot read it
  }
  return version;
}

// Says "the archive has format 3, of PyTorch 2.1 or newer; libtorch 1.13.1 reads formats up to 10".
std::string versions_text(const ArchiveVersion& archive) {
  return fmt::format(
      "the archive has {}{}; this libtorch is {} and reads formats up to {}",
      archive.format ? fmt::format("format {}", *archive.format) : "no format number",
      archive.has_byte_order ? ", of PyTorch 2.1 or newer" : "", TORCH_VERSION,
      caffe2::serialize::kMaxSupportedFileFormatVersion);
}

}  // namespace

std::string why_not_loaded(const std::filesystem::path& path, const std::exception& error) {
  const std::string text = whole_torch_message(error);
  const ArchiveVersion version = version_of(path);
  const std::string again =
      fmt::format("export it with PyTorch {}.{}", TORCH_VERSION_MAJOR, TORCH_VERSION_MINOR);
  if (const auto missing = operator_after(text, "Unknown builtin op: ")) {
    const bool attention = contains(*missing, "scaled_dot_product_attention");
    return fmt::format(
        "it calls {}, which this libtorch does not have; {}; {} or without that "
        "operator{}",
        printable(*missing), versions_text(version), again,
        attention ? " (timm: timm.layers.set_fused_attn(False) before the model is "
                    "made)"
                  : "");
  }
  if (const auto changed = operator_after(text, "variants are available")) {
    return fmt::format("it calls {} with arguments that this libtorch does not know; {}; {}",
                       printable(*changed), versions_text(version), again);
  }
  const auto newest = static_cast<int64_t>(caffe2::serialize::kMaxSupportedFileFormatVersion);
  if (version.format.value_or(0) > newest) {
    return fmt::format("it is too new; {}; {}", versions_text(version), again);
  }
  return fmt::format(
      "not a TorchScript file that can be loaded here ({}); {}; make one with torch.jit.script or "
      "torch.jit.trace and save()",
      torch_message(error), versions_text(version));
}

std::optional<std::string> precision_remedy(const std::exception& error, torch::ScalarType type,
                                            torch::Device device) {
  const std::string text = whole_torch_message(error);
  const bool half_on_cpu = type == torch::kHalf && device.is_cpu();
  if (half_on_cpu || contains(text, "not implemented for 'Half'") ||
      contains(text, "not implemented for 'BFloat16'")) {
    return "its parameters are in half precision, with which a CPU does not do everything; save it "
           "after model.float(), or set runtime.device to cuda";
  }
  const bool types_differ = contains(text, "type (") && contains(text, "should be the same");
  if (types_differ || contains(text, "expected scalar type")) {
    return "its parameters are of several types; save it after model.float()";
  }
  return std::nullopt;
}

std::string batch_remedy(std::optional<int64_t> size) {
  return fmt::format(
      "it was traced for batches of {}, and mkdt feeds it any number of images; trace it with "
      "x.flatten(1) or x.size(0) in place of that number, or save torch.jit.script of it",
      size ? fmt::format("{} images", *size) : "one size");
}

}  // namespace mkdt
