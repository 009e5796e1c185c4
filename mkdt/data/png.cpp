#include "mkdt/data/png.h"

#include <array>
#include <csetjmp>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>
#include <png.h>
#include <zlib.h>

#include "mkdt/base/error.h"
#include "mkdt/data/image_file.h"
#include "mkdt/io/durable_file.h"

namespace mkdt {
namespace {

constexpr png_alloc_size_t kMaxChunkBytes = 64 << 20;

class Reader {
 public:
  Reader(const std::string& bytes, const std::string& origin) : bytes_(bytes), origin_(origin) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, fail, ignore_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw std::bad_alloc();
    }
    png_set_read_fn(png_, this, read);
    png_set_chunk_malloc_max(png_, kMaxChunkBytes);
    // Texts, profiles and the like, which may be compressed many times over, are not unpacked.
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  }
  ~Reader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  png_structp png() { return png_; }
  png_infop info() { return info_; }

  // Runs `body`, whose libpng calls leave it by longjmp when they fail: it may own nothing that
  // would need a destructor.
  template <typename Body>
  void guard(const Body& body) {
    if (setjmp(jump_) != 0) {
      throw Error(fmt::format("{}: damaged PNG image: {}", origin_, message_));
    }
    body();
  }

 private:
  [[noreturn]] static void fail(png_structp png, png_const_charp message) {
    auto* reader = static_cast<Reader*>(png_get_error_ptr(png));
    std::strncpy(reader->message_, message, sizeof(reader->message_) - 1);
    std::longjmp(reader->jump_, 1);
  }
  static void ignore_warning(png_structp /*png*/, png_const_charp /*message*/) {}
  static void read(png_structp png, png_bytep to, size_t size) {
    auto* reader = static_cast<Reader*>(png_get_io_ptr(png));
    if (size > reader->bytes_.size() - reader->position_) png_error(png, "it ends too early");
    std::memcpy(to, reader->bytes_.data() + reader->position_, size);
    reader->position_ += size;
  }

  const std::string& bytes_;
  const std::string& origin_;
  size_t position_ = 0;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::jmp_buf jump_{};
  char message_[200] = {};
};

void check_size(Reader& reader, const std::string& bytes, const std::string& origin) {
  const int64_t width = png_get_image_width(reader.png(), reader.info());
  const int64_t height = png_get_image_height(reader.png(), reader.info());
  if (width * height > kMaxPixels) {
    throw Error(
        fmt::format("{}: {}×{} pixels are more than {}", origin, width, height, kMaxPixels));
  }
  const auto stored = static_cast<int64_t>(png_get_rowbytes(reader.png(), reader.info())) * height;
  // Deflate makes at most 1032 bytes of one, here of at most 8 pixels each.
  if (stored > kMaxPixelsPerByte * static_cast<int64_t>(bytes.size())) {
    throw Error(fmt::format("{}: damaged PNG image: {}×{} pixels cannot be in {} bytes", origin,
                            width, height, bytes.size()));
  }
}

// Puts interleaved pixels [H,W,samples] on white where an even number of samples ends with opacity,
// and returns planes [C,H,W].
torch::Tensor on_white(const uint8_t* pixels, int64_t height, int64_t width, int64_t samples) {
  const int64_t channels = samples <= 2 ? 1 : 3;
  torch::Tensor image = torch::empty({channels, height, width}, torch::kUInt8);
  auto* out = image.data_ptr<uint8_t>();
  for (int64_t i = 0; i < height * width; ++i) {
    const uint8_t* pixel = pixels + i * samples;
    const int opacity = samples % 2 == 0 ? pixel[channels] : 255;
    for (int64_t c = 0; c < channels; ++c) {
      const int mixed = pixel[c] * opacity + 255 * (255 - opacity);
      out[c * height * width + i] = static_cast<uint8_t>((mixed + 127) / 255);
    }
  }
  return image;
}

}  // namespace

torch::Tensor decode_png(const std::string& bytes, const std::string& origin) {
  Reader reader(bytes, origin);
  png_structp png = reader.png();
  png_infop info = reader.info();
  reader.guard([&] { png_read_info(png, info); });
  check_size(reader, bytes, origin);
  reader.guard([&] {
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
  });

  const int64_t height = png_get_image_height(png, info);
  const int64_t width = png_get_image_width(png, info);
  const size_t row_bytes = png_get_rowbytes(png, info);
  const std::unique_ptr<uint8_t[]> pixels(new uint8_t[row_bytes * static_cast<size_t>(height)]);
  std::vector<png_bytep> rows;
  for (int64_t y = 0; y < height; ++y) {
    rows.push_back(pixels.get() + static_cast<size_t>(y) * row_bytes);
  }
  reader.guard([&] {
    png_read_image(png, rows.data());
    png_read_end(png, nullptr);
  });
  return on_white(pixels.get(), height, width, png_get_channels(png, info));
}

std::string encode_png(const torch::Tensor& image) {
  TORCH_CHECK(image.dim() == 3 && (image.size(0) == 1 || image.size(0) == 3) && image.numel() > 0 &&
                  image.scalar_type() == torch::kUInt8,
              "encode_png needs uint8 [1 or 3,H,W]");
  const torch::Tensor pixels = image.cpu().permute({1, 2, 0}).contiguous();
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  header.width = static_cast<png_uint_32>(image.size(2));
  header.height = static_cast<png_uint_32>(image.size(1));
  header.format = image.size(0) == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(header);
  std::string bytes(size, '\0');
  const int written = png_image_write_to_memory(&header, bytes.data(), &size, 0,
                                                pixels.data_ptr<uint8_t>(), 0, nullptr);
  TORCH_CHECK(written != 0, "libpng: ", header.message);
  bytes.resize(size);
  return bytes;
}

namespace {

constexpr size_t kHeaderEnd = 33;  // signature, and the chunk IHDR

std::string big_endian(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFF);
  return bytes;
}

// Returns the mark's chunk, as https://www.w3.org/TR/png/#11tEXt has it: length, type, keyword,
// zero, text, checksum.
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
