// Decodes and encodes PNG images with libpng.
#pragma once

#include <string>

#include <torch/types.h>

namespace mkdt {

// bytes of a whole file → uint8 [C,H,W]; see read_image. `origin` names it in messages.
torch::Tensor decode_png(const std::string& bytes, const std::string& origin);

// image uint8 [C,H,W], C 1 or 3 → bytes of a PNG file.
std::string encode_png(const torch::Tensor& image);

}  // namespace mkdt
