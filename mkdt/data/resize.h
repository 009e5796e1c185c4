// Resizes uint8 images to a square by Lanczos-3, antialiased.
#pragma once

#include <torch/types.h>

#include "mkdt/base/observer.h"
#include "mkdt/data/image_set.h"

namespace mkdt {

// Resizes an image, uint8 [C,H,W] → [C,size,size]: the shorter side is brought to `size` and the
// middle of the longer one kept. The filter widens with the reduction, so that nothing aliases. An
// image that has this size already stays as it is.
torch::Tensor resize_and_crop(const torch::Tensor& image, int64_t size);

// Resizes all images of a set so, by all threads; they stay if `size` is 0.
ImageSet resized(const ImageSet& set, int64_t size, Observer& observer);

}  // namespace mkdt
