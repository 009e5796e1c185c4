// Decodes and encodes PNG images with libpng, and marks those that mkdt wrote: they show or carry
// results, and are no data.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <torch/types.h>

namespace mkdt {

// Decodes the bytes of a whole file to uint8 [C,H,W]; see read_image. `origin` names the file in
// messages.
torch::Tensor decode_png(const std::string& bytes, const std::string& origin);

// Encodes an image, uint8 [C,H,W] with C 1 or 3, as the bytes of a PNG file.
std::string encode_png(const torch::Tensor& image);

// Returns the bytes of a PNG file with the mark: a chunk "tEXt" behind the header, "Software"
// "mkdt".
std::string with_mark(const std::string& png);

// Tells whether the beginning of a file, at least kMarkedBytes of a longer one, has the mark.
bool has_mark(std::string_view beginning);
inline constexpr size_t kMarkedBytes = 64;

// Tells whether the file at `path` has the mark; false where it cannot be read.
bool is_marked_picture(const std::filesystem::path& path);

// Writes an image as write_png does, with the mark: for sheets, exports, and all other pictures
// that are made here.
void write_marked_png(const std::filesystem::path& path, const torch::Tensor& image);

}  // namespace mkdt
