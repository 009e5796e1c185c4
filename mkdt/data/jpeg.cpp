#include "mkdt/data/jpeg.h"

#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <libexif/exif-data.h>
#include <memory>
#include <vector>

#include <fmt/format.h>
// jpeglib.h needs stdio.h before it.
// clang-format off
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include "mkdt/base/error.h"
#include "mkdt/data/image_file.h"

namespace mkdt {

int exif_orientation(const uint8_t* data, unsigned size) {
  if (size < 6 || std::memcmp(data, "Exif\0\0", 6) != 0) return 0;
  const std::unique_ptr<ExifData, decltype(&exif_data_unref)> exif(
      exif_data_new_from_data(data, size), &exif_data_unref);
  if (!exif) return 0;
  const ExifEntry* entry = exif_content_get_entry(exif->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  if (entry == nullptr || entry->format != EXIF_FORMAT_SHORT || entry->size < 2) return 0;
  const int value = exif_get_short(entry->data, exif_data_get_byte_order(exif.get()));
  return value >= 1 && value <= 8 ? value : 0;
}

torch::Tensor upright(const torch::Tensor& image, int orientation) {
  switch (orientation) {
    case 2:
      return image.flip({2});
    case 3:
      return image.flip({1, 2});
    case 4:
      return image.flip({1});
    case 5:
      return image.transpose(1, 2).contiguous();
    case 6:
      return image.transpose(1, 2).flip({2}).contiguous();
    case 7:
      return image.transpose(1, 2).flip({1, 2}).contiguous();
    case 8:
      return image.transpose(1, 2).flip({1}).contiguous();
    default:
      return image;
  }
}

namespace {

// More passes over the picture are an attack on the decoder's time. Progressive files have ten.
constexpr int kMaxScans = 500;
constexpr int64_t kMaxScannedPixels = 16 * kMaxPixels;

struct Failure {
  jpeg_error_mgr manager;  // stands first: libjpeg hands back a pointer to it
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void give_up(j_common_ptr info) {
  auto* failure = reinterpret_cast<Failure*>(info->err);
  info->err->format_message(info, failure->message);
  std::longjmp(failure->jump, 1);
}

// Tells whether pixels are made up after a warning. Other warnings are about sloppy but complete
// files.
bool loses_pixels(int code) {
  switch (code) {
    case JWRN_ARITH_BAD_CODE:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_BOGUS_PROGRESSION:
      return true;
    default:
      return false;
  }
}

void on_message(j_common_ptr info, int level) {
  if (level < 0 && loses_pixels(info->err->msg_code)) give_up(info);
}

void on_progress(j_common_ptr info) {
  const auto* jpeg = reinterpret_cast<j_decompress_ptr>(info);
  const int64_t pixels = int64_t{jpeg->image_width} * int64_t{jpeg->image_height};
  if (jpeg->input_scan_number > kMaxScans || jpeg->input_scan_number * pixels > kMaxScannedPixels) {
    info->err->msg_code = JERR_BAD_PROGRESSION;
    give_up(info);
  }
}

class Decompressor {
 public:
  explicit Decompressor(const std::string& origin) : origin_(origin) {
    info_.err = jpeg_std_error(&failure_.manager);
    failure_.manager.error_exit = give_up;
    failure_.manager.emit_message = on_message;
    guard([this] { jpeg_create_decompress(&info_); });
    progress_.progress_monitor = on_progress;
    info_.progress = &progress_;
  }
  ~Decompressor() { jpeg_destroy_decompress(&info_); }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  jpeg_decompress_struct& info() { return info_; }

  // Runs `body`, whose libjpeg calls leave it by longjmp when they fail: it may own nothing that
  // would need a destructor.
  template <typename Body>
  void guard(const Body& body) {
    if (setjmp(failure_.jump) != 0) {
      throw Error(fmt::format("{}: damaged JPEG image: {}", origin_, failure_.message));
    }
    body();
  }

 private:
  const std::string& origin_;
  jpeg_decompress_struct info_{};
  jpeg_progress_mgr progress_{};
  Failure failure_{};
};

J_COLOR_SPACE output_space(J_COLOR_SPACE stored) {
  switch (stored) {
    case JCS_GRAYSCALE:
      return JCS_GRAYSCALE;
    case JCS_CMYK:
    case JCS_YCCK:
      return JCS_CMYK;
    default:
      return JCS_RGB;
  }
}

uint8_t times(int a, int b) { return static_cast<uint8_t>((a * b + 127) / 255); }

// Spreads one interleaved line over `channels` planes that are `plane` bytes apart. Programs of
// Adobe, which mark their files, store ink inverted: 255 is none.
void unpack_line(const uint8_t* line, const jpeg_decompress_struct& info, uint8_t* out,
                 int64_t channels, int64_t plane) {
  const bool cmyk = info.out_color_space == JCS_CMYK;
  const uint8_t mask = info.saw_Adobe_marker != 0 ? 0 : 255;
  for (int64_t x = 0; x < info.output_width; ++x) {
    for (int64_t c = 0; c < channels; ++c) {
      out[c * plane + x] =
          cmyk ? times(line[4 * x + c] ^ mask, line[4 * x + 3] ^ mask) : line[channels * x + c];
    }
  }
}

int orientation(const jpeg_decompress_struct& info) {
  for (auto* marker = info.marker_list; marker != nullptr; marker = marker->next) {
    const int found = exif_orientation(marker->data, marker->data_length);
    if (found != 0) return found;
  }
  return 1;
}

}  // namespace

torch::Tensor decode_jpeg(const std::string& bytes, const std::string& origin) {
  Decompressor jpeg(origin);
  jpeg_decompress_struct& info = jpeg.info();
  jpeg.guard([&] {
    jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_save_markers(&info, JPEG_APP0 + 1, 0xFFFF);
    jpeg_read_header(&info, TRUE);
  });
  const int64_t width = info.image_width;
  const int64_t height = info.image_height;
  if (width * height > kMaxPixels) {
    throw Error(
        fmt::format("{}: {}×{} pixels are more than {}", origin, width, height, kMaxPixels));
  }
  // A block takes a bit at least, and with the oddest sampling a block stands for 128 pixels.
  if (width * height > kMaxPixelsPerByte * static_cast<int64_t>(bytes.size())) {
    throw Error(fmt::format("{}: damaged JPEG image: {}×{} pixels cannot be in {} bytes", origin,
                            width, height, bytes.size()));
  }
  const int turned = orientation(info);
  info.out_color_space = output_space(info.jpeg_color_space);
  jpeg.guard([&] { jpeg_start_decompress(&info); });

  const int64_t channels = info.out_color_space == JCS_GRAYSCALE ? 1 : 3;
  const torch::Tensor image = torch::empty({channels, height, width}, torch::kUInt8);
  auto* out = image.data_ptr<uint8_t>();
  std::vector<uint8_t> line(static_cast<size_t>(width * info.output_components));
  jpeg.guard([&] {
    JSAMPROW row = line.data();
    while (info.output_scanline < info.output_height) {
      const int64_t y = info.output_scanline;
      jpeg_read_scanlines(&info, &row, 1);
      unpack_line(row, info, out + y * width, channels, height * width);
    }
    jpeg_finish_decompress(&info);
  });
  return upright(image, turned);
}

}  // namespace mkdt
