// One vector an image: what an SSL teacher says of an image set, and what students regress.
#pragma once

#include <filesystem>
#include <string>

#include <torch/types.h>

namespace mkdt {

struct Representations {
  torch::Tensor values;           // float32 [N,d], row i belongs to image i
  std::string image_fingerprint;  // ImageSet::fingerprint of the images
  std::string encoder;            // fingerprint or description of the encoder
  std::string processing;         // what was done to the raw features: "none" or "standardise"

  int64_t dim() const { return values.size(1); }
};

// Throws Error naming `path` if the values are not finite, not [N,d], or N is not `images`
// (skip the row check with −1).
Representations read_representations(const std::filesystem::path& path, int64_t images);
void write_representations(const std::filesystem::path& path, const Representations& values);

}  // namespace mkdt
