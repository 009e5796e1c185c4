// Gives images representations, by a teacher trained here or a program from outside.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <torch/types.h>

#include "mkdt/base/observer.h"
#include "mkdt/data/image_set.h"

namespace mkdt {

struct ImageEncoder {
  std::string fingerprint;  // representations are tied to it
  int64_t dim = 0;          // d
  // Maps uint8 [B,C,H,W] on the CPU to float32 [B,d] on the CPU, row i for image i, whatever else
  // is in the batch, without gradient. Throws Error for images that it cannot take.
  std::function<torch::Tensor(const torch::Tensor& pixels)> encode;
};

// Encodes rows [begin,end) of `images`: float32 [end−begin,d] on the CPU. Throws Error naming the
// encoder and the image if a representation is not finite.
torch::Tensor encode_rows(const ImageEncoder& encoder, const ImageSet& images, int64_t begin,
                          int64_t end);

// Encodes all images, `batch` at a time: float32 [N,d] on the CPU, row i for image i.
torch::Tensor embed(const ImageEncoder& encoder, const ImageSet& images, int64_t batch,
                    Observer& observer);

}  // namespace mkdt
