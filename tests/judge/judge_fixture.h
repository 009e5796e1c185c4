// Tiny networks and sets for the tests of evaluation.
#pragma once

#include <memory>

#include <torch/types.h>

#include "mkdt/base/random.h"
#include "mkdt/data/image_set.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/nn/convnet.h"

namespace mkdt::testing {

constexpr int64_t kClasses = 3;
constexpr int64_t kOutputs = 5;

inline NetworkPtr tiny_network() {
  ConvNetShape shape;
  shape.image_size = 8;
  shape.width = 4;
  shape.depth = 2;
  shape.outputs = kOutputs;
  return std::make_shared<ConvNet>(shape);
}

// Images 3×8×8 whose class is the position of a bright bar, in noise.
inline ImageSet tiny_images(const std::string& name, int64_t count, uint64_t seed) {
  at::Generator generator = make_generator(seed, "test/images");
  ImageSet set;
  set.name = name;
  set.images = torch::randint(0, 100, {count, 3, 8, 8}, generator).to(torch::kUInt8);
  set.labels = torch::arange(count, torch::kLong).remainder(kClasses);
  for (int64_t i = 0; i < count; ++i) set.images[i].select(1, 2 * (i % kClasses) + 1).add_(120);
  set.class_names = {"top", "middle", "bottom"};
  set.normalisation = {{0.3F, 0.3F, 0.3F}, {0.2F, 0.2F, 0.2F}};
  return set;
}

// Targets that a teacher who knows the classes would give, in noise.
inline torch::Tensor tiny_targets(const ImageSet& set, uint64_t seed) {
  at::Generator generator = make_generator(seed, "test/targets");
  const torch::Tensor noise = torch::randn({set.size(), kOutputs}, generator) * 0.05;
  return torch::one_hot(set.labels, kOutputs).to(torch::kFloat32) + noise;
}

inline RegressionSet tiny_regression_set(int64_t count, uint64_t seed) {
  const ImageSet images = tiny_images("tiny", count, seed);
  return regression_set(images, tiny_targets(images, seed), torch::kCPU);
}

}  // namespace mkdt::testing
