// Decodes and encodes PNG images with libpng, and marks those that mkdt wrote.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <torch/types.h>

namespace mkdt {

// bytes of a whole file → uint8 [C,H,W]; see read_image. `origin` names it in messages.
torch::Tensor decode_png(const std::string& bytes, const std::string& origin);

// image uint8 [C,H,W], C 1 or 3 → bytes of a PNG file.
std::string encode_png(const torch::Tensor& image);

// The mark in a PNG file that mkdt wrote: it shows or carries results, and is no data.

// The bytes of a PNG file with the mark: a chunk "tEXt" behind the header, "Software" "mkdt".
std::string with_mark(const std::string& png);

// Whether these bytes of a file's beginning, at least kMarkedBytes of a longer one, have it.
bool has_mark(std::string_view beginning);
inline constexpr size_t kMarkedBytes = 64;

// Whether the file at `path` has it; false where it cannot be read.
bool is_marked_picture(const std::filesystem::path& path);

// As write_png, with the mark: for sheets, exports, and all other pictures that are made here.
void write_marked_png(const std::filesystem::path& path, const torch::Tensor& image);

}  // namespace mkdt
