#include "mkdt/data/picture_mark.h"

#include <array>
#include <fcntl.h>
#include <unistd.h>

#include <zlib.h>

#include "mkdt/core/atomic_file.h"
#include "mkdt/data/png.h"

namespace mkdt {
namespace {

constexpr size_t kHeaderEnd = 33;  // signature, and the chunk IHDR

std::string big_endian(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFF);
  return bytes;
}

// https://www.w3.org/TR/png/#11tEXt: length, type, keyword, zero, text, checksum.
std::string mark() {
  const std::string type_and_data("tEXtSoftware\0mkdt", 17);
  const auto* bytes = reinterpret_cast<const Bytef*>(type_and_data.data());
  const auto size = static_cast<uInt>(type_and_data.size());
  return big_endian(size - 4) + type_and_data +
         big_endian(static_cast<uint32_t>(crc32(crc32(0, nullptr, 0), bytes, size)));
}

}  // namespace

std::string with_mark(const std::string& png) {
  return png.substr(0, kHeaderEnd) + mark() + png.substr(kHeaderEnd);
}

bool has_mark(std::string_view beginning) {
  constexpr std::string_view kSignature = "\x89PNG\r\n\x1A\n";
  static const std::string expected = mark();
  return beginning.substr(0, kSignature.size()) == kSignature &&
         beginning.size() >= kHeaderEnd + expected.size() &&
         beginning.substr(kHeaderEnd, expected.size()) == expected;
}

bool is_marked_picture(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file < 0) return false;
  std::array<char, kMarkedBytes> bytes{};
  const ssize_t got = ::pread(file, bytes.data(), bytes.size(), 0);
  ::close(file);
  return got > 0 && has_mark({bytes.data(), static_cast<size_t>(got)});
}

void write_marked_png(const std::filesystem::path& path, const torch::Tensor& image) {
  write_text_atomically(path, with_mark(encode_png(image)));
}

}  // namespace mkdt
