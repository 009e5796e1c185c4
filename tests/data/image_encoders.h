// Writes JPEG and PNG files of the kinds that read_image has to understand.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include <jpeglib.h>
#include <png.h>
#include <torch/types.h>

namespace mkdt::testing {

// pixels uint8 [H,W,C], C being 1, 3 or (CMYK, as Adobe stores it: inverted) 4, as JPEG of quality
// 95 without colour subsampling. `app1` becomes an APP1 segment if it is not empty.
inline std::string jpeg_bytes(const torch::Tensor& pixels, const std::string& app1 = "",
                              bool progressive = false, J_COLOR_SPACE stored = JCS_UNKNOWN) {
  const torch::Tensor values = pixels.contiguous();
  const auto channels = static_cast<int>(values.size(2));
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &buffer, &size);
  info.image_height = static_cast<JDIMENSION>(values.size(0));
  info.image_width = static_cast<JDIMENSION>(values.size(1));
  info.input_components = channels;
  info.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&info);
  if (stored != JCS_UNKNOWN) jpeg_set_colorspace(&info, stored);
  jpeg_set_quality(&info, 95, TRUE);
  for (int c = 0; c < info.num_components; ++c) {
    info.comp_info[c].h_samp_factor = 1;
    info.comp_info[c].v_samp_factor = 1;
  }
  if (progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  if (!app1.empty()) {
    jpeg_write_marker(&info, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(app1.data()),
                      static_cast<unsigned>(app1.size()));
  }
  while (info.next_scanline < info.image_height) {
    JSAMPROW row =
        values.data_ptr<uint8_t>() + int64_t{info.next_scanline} * values.size(1) * channels;
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::string bytes(reinterpret_cast<const char*>(buffer), size);
  std::free(buffer);
  return bytes;
}

// EXIF data, little-endian, whose one entry is the orientation.
inline std::string exif_bytes(char orientation) {
  std::string bytes("Exif\0\0II\x2A\0\x08\0\0\0\x01\0", 16);
  bytes += std::string("\x12\x01\x03\0\x01\0\0\0", 8);
  bytes += orientation;
  return bytes + std::string(7, '\0');
}

struct PngKind {
  int colour_type;  // PNG_COLOR_TYPE_…
  int bit_depth;
  bool interlaced = false;
};

// rows: packed as PNG stores them, [H, bytes of a row]. Palette images get a palette of 256 colours
// (i, 255 − i, 7) of which entry 0 is transparent.
inline std::string png_bytes(const torch::Tensor& rows, int64_t width, const PngKind& kind) {
  const torch::Tensor values = rows.contiguous();
  std::string bytes;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &bytes,
      [](png_structp writer, png_bytep data, size_t size) {
        static_cast<std::string*>(png_get_io_ptr(writer))
            ->append(reinterpret_cast<const char*>(data), size);
      },
      nullptr);
  const auto height = static_cast<png_uint_32>(values.size(0));
  png_set_IHDR(png, info, static_cast<png_uint_32>(width), height, kind.bit_depth, kind.colour_type,
               kind.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (kind.colour_type == PNG_COLOR_TYPE_PALETTE) {
    png_color palette[256];
    for (int i = 0; i < 256; ++i) {
      palette[i] = {static_cast<png_byte>(i), static_cast<png_byte>(255 - i), 7};
    }
    png_set_PLTE(png, info, palette, 1 << kind.bit_depth);
    png_byte opacity = 0;
    png_set_tRNS(png, info, &opacity, 1, nullptr);
  }
  png_write_info(png, info);
  std::vector<png_bytep> pointers;
  for (int64_t y = 0; y < values.size(0); ++y) {
    pointers.push_back(values.data_ptr<uint8_t>() + y * values.size(1));
  }
  png_write_image(png, pointers.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return bytes;
}

}  // namespace mkdt::testing
