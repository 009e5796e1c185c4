// Decodes JPEG images with libjpeg.
#pragma once

#include <string>

#include <torch/types.h>

namespace mkdt {

// bytes of a whole file → uint8 [C,H,W], upright; see read_image. `origin` names it in messages.
torch::Tensor decode_jpeg(const std::string& bytes, const std::string& origin);

}  // namespace mkdt
