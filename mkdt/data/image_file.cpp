#include "mkdt/data/image_file.h"

#include <string_view>

#include <fmt/format.h>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/error.h"
#include "mkdt/core/regular_file.h"
#include "mkdt/data/file_kind.h"
#include "mkdt/data/jpeg.h"
#include "mkdt/data/png.h"

namespace mkdt {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{1} << 30;

bool starts_with(const std::string& bytes, std::string_view start) {
  return bytes.compare(0, start.size(), start) == 0;
}

}  // namespace

torch::Tensor read_image(const std::filesystem::path& path) {
  const std::string bytes = read_regular_file(path, kMaxFileBytes);
  if (starts_with(bytes, "\xFF\xD8\xFF")) return decode_jpeg(bytes, path.string());
  if (starts_with(bytes, "\x89PNG\r\n\x1A\n")) return decode_png(bytes, path.string());
  const std::string kind = kind_of_file(std::string_view(bytes).substr(0, 512));
  throw Error(fmt::format("{}: not a JPEG or PNG image{}{}", path.string(),
                          kind.empty() ? "" : " but ", kind));
}

void write_png(const std::filesystem::path& path, const torch::Tensor& image) {
  write_text_atomically(path, encode_png(image));
}

}  // namespace mkdt
