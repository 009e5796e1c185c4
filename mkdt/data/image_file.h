// One JPEG or PNG file to pixels, and pixels to a PNG file.
#pragma once

#include <filesystem>
#include <string>

#include <torch/types.h>

namespace mkdt {

// Larger pictures are refused before memory is taken for them, and so are those with more pixels
// than their bytes can hold.
constexpr int64_t kMaxPixels = 178'000'000;
constexpr int64_t kMaxPixelsPerByte = 1040;

// uint8 [C,H,W] with C = 1 for grey images and 3 for all others. The format is recognised by the
// contents. JPEG: CMYK becomes RGB, the EXIF orientation is applied. PNG: palettes are resolved,
// 16 bits reduced to 8, transparency put on white. Throws Error naming the file, also for a file
// that ends too early. Bounds: files of 1 GiB; 16 bytes of memory a pixel, and a few times the
// file.
torch::Tensor read_image(const std::filesystem::path& path);

// image uint8 [C,H,W], C 1 or 3; atomic.
void write_png(const std::filesystem::path& path, const torch::Tensor& image);

}  // namespace mkdt
