// Tiny students and images for self-supervision.
#pragma once

#include <functional>
#include <memory>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "mkdt/base/random.h"
#include "mkdt/baseline/ssl_student.h"
#include "mkdt/data/image_set.h"
#include "mkdt/nn/convnet.h"

namespace mkdt::testing {

inline NetworkPtr tiny_network() { return std::make_shared<ConvNet>(ConvNetShape{3, 8, 4, 2, 5}); }

inline SslOptions tiny_ssl() {
  SslOptions options;
  options.projector_hidden = 7;
  options.projector_output = 6;
  options.lambda = 0.05;
  return options;
}

// Gratings of random direction and colour: images that differ in more than noise.
inline ImageSet gratings(int64_t count, int64_t size, uint64_t seed) {
  at::Generator generator = make_generator(seed, "test/gratings");
  const auto uniform = [&](std::vector<int64_t> shape) { return torch::rand(shape, generator); };
  const torch::Tensor line = torch::arange(size, torch::kFloat32).div(size);
  const torch::Tensor x = line.view({1, 1, 1, size}), y = line.view({1, 1, size, 1});
  const torch::Tensor phase = 12 * (uniform({count, 1, 1, 1}) - 0.5) * x +
                              12 * (uniform({count, 1, 1, 1}) - 0.5) * y +
                              6 * uniform({count, 3, 1, 1});
  ImageSet set;
  set.name = "gratings";
  set.images = (phase.sin() * 100 + 128).to(torch::kUInt8);
  set.normalisation = {{0.5F, 0.45F, 0.4F}, {0.25F, 0.2F, 0.3F}};
  return set;
}

// d/dt value(t) at 0 against `expected`, by central differences. The step is short, because
// gradients of ReLU networks jump where a pre-activation crosses zero.
inline void expect_slope(const std::function<double(double)>& value, double expected,
                         double tolerance = 1e-6) {
  constexpr double kStep = 1e-7;
  EXPECT_NEAR((value(kStep) - value(-kStep)) / (2 * kStep), expected,
              tolerance * (std::abs(expected) + 1));
}

}  // namespace mkdt::testing
