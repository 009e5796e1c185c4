// A teacher that trains in a fraction of a second, and what it is trained on.
#pragma once

#include <vector>

#include "mkdt/base/random.h"
#include "mkdt/data/image_set.h"
#include "mkdt/ssl/teacher_options.h"

namespace mkdt::testing {

// Eight classes of stripes: two colours, four directions, some noise.
inline ImageSet stripes(int64_t count) {
  at::Generator generator = make_generator(1, "test/stripes");
  const torch::Tensor axis = torch::arange(16, torch::kFloat32);
  const torch::Tensor x = axis.view({1, 16}).expand({16, 16});
  const torch::Tensor y = axis.view({16, 1}).expand({16, 16});
  const std::vector<torch::Tensor> directions = {x, y, (x + y) * 0.7, (x - y) * 0.7};
  ImageSet set;
  set.name = "stripes";
  set.images = torch::empty({count, 3, 16, 16}, torch::kUInt8);
  for (int64_t i = 0; i < count; ++i) {
    const torch::Tensor wave = torch::sin(directions[i % 4]) * 80 + 128;
    torch::Tensor image = wave.expand({3, 16, 16}).clone();
    image[i / 4 % 2 == 0 ? 0 : 2] *= 0.3;
    image += at::randn({3, 16, 16}, generator, torch::TensorOptions(torch::kFloat32)) * 20;
    set.images[i] = image.clamp(0, 255).to(torch::kUInt8);
  }
  set.normalisation = measured_normalisation(set.images);
  return set;
}

inline TeacherTrainingOptions tiny_options() {
  TeacherTrainingOptions options;
  options.backbone.width = 4;
  options.epochs = 3;
  options.batch = 32;
  options.objective.projector_dim = 16;
  return options;
}

}  // namespace mkdt::testing
