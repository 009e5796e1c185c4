// Images of noise, for encoders.
#pragma once

#include "mkdt/base/random.h"
#include "mkdt/data/image_set.h"

namespace mkdt::testing {

inline ImageSet noise_images(int64_t count, int64_t size, const Normalisation& normalisation) {
  at::Generator generator = make_generator(1, "test/images");
  ImageSet set;
  set.name = "noise";
  set.images =
      at::randint(0, 256, {count, 3, size, size}, generator, torch::TensorOptions(torch::kUInt8));
  set.normalisation = normalisation;
  return set;
}

}  // namespace mkdt::testing
