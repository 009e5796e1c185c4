// Anything that gives images representations: a teacher trained here, or a program from outside.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <torch/types.h>

#include "mkdt/base/observer.h"
#include "mkdt/data/image_set.h"

namespace mkdt {

struct ImageEncoder {
  std::string fingerprint;  // what representations are tied to
  int64_t dim = 0;          // d
  // uint8 [B,C,H,W] on the CPU → float32 [B,d] on the CPU, row i for image i, whatever else is in
  // the batch. Without gradient. Throws Error for images that it cannot take.
  std::function<torch::Tensor(const torch::Tensor& pixels)> encode;
};

// Rows [begin,end) of `images`, float32 [end−begin,d] on the CPU. Error naming the encoder and the
// image if a representation is not finite.
torch::Tensor encode_rows(const ImageEncoder& encoder, const ImageSet& images, int64_t begin,
                          int64_t end);

// float32 [N,d] on the CPU, row i for image i, computed `batch` images at a time.
torch::Tensor embed(const ImageEncoder& encoder, const ImageSet& images, int64_t batch,
                    Observer& observer);

}  // namespace mkdt
