// Decodes JPEG images with libjpeg, turned as the camera noted in their EXIF data.
#pragma once

#include <cstdint>
#include <string>

#include <torch/types.h>

namespace mkdt {

// Returns the orientation that a camera noted, tag 0x0112 of the first image directory: 1 to 8, or
// 0 if `data` (an APP1 segment, "Exif" first) is no EXIF data or has no such tag.
int exif_orientation(const uint8_t* data, unsigned size);

// Turns and mirrors an image [C,H,W] as the orientation asks for: Exif 2.32, section 4.6.4, says
// which sides of the scene the first row and the first column are.
torch::Tensor upright(const torch::Tensor& image, int orientation);

// Decodes the bytes of a whole file to uint8 [C,H,W], upright; see read_image. `origin` names the
// file in messages.
torch::Tensor decode_jpeg(const std::string& bytes, const std::string& origin);

}  // namespace mkdt
