// Antialiased resizing of uint8 images to a square, by Lanczos-3.
#pragma once

#include <torch/types.h>

#include "mkdt/base/observer.h"
#include "mkdt/data/image_set.h"

namespace mkdt {

// image uint8 [C,H,W] → [C,size,size]: the shorter side is brought to `size` and the middle of the
// longer one kept. The filter widens with the reduction, so that nothing aliases. An image of
// that size already comes out as it is.
torch::Tensor resize_and_crop(const torch::Tensor& image, int64_t size);

// The same for all images of a set, by all threads; unchanged if `size` is 0.
ImageSet resized(const ImageSet& set, int64_t size, Observer& observer);

}  // namespace mkdt
