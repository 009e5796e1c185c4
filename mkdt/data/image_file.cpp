#include "mkdt/data/image_file.h"

#include <string_view>

#include <fmt/format.h>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/error.h"
#include "mkdt/data/jpeg.h"
#include "mkdt/data/png.h"

namespace mkdt {
namespace {

constexpr uintmax_t kMaxFileBytes = uintmax_t{1} << 30;

bool starts_with(const std::string& bytes, std::string_view start) {
  return bytes.compare(0, start.size(), start) == 0;
}

}  // namespace

torch::Tensor read_image(const std::filesystem::path& path) {
  std::error_code code;
  const uintmax_t size = std::filesystem::file_size(path, code);
  if (!code && size > kMaxFileBytes) {
    throw Error(fmt::format("{}: {} bytes are too many for an image file", path.string(), size));
  }
  const std::string bytes = read_text(path);
  if (starts_with(bytes, "\xFF\xD8\xFF")) return decode_jpeg(bytes, path.string());
  if (starts_with(bytes, "\x89PNG\r\n\x1A\n")) return decode_png(bytes, path.string());
  throw Error(fmt::format("{}: not a JPEG or PNG image", path.string()));
}

void write_png(const std::filesystem::path& path, const torch::Tensor& image) {
  write_text_atomically(path, encode_png(image));
}

}  // namespace mkdt
