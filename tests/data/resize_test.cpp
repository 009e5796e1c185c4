#include "mkdt/data/resize.h"

#include <cmath>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tests/data/data_fixture.h"

namespace mkdt {
namespace {

using testing::random_pixels;

double lanczos3(double x) {
  if (std::abs(x) < 1e-12) return 1;
  if (std::abs(x) >= 3) return 0;
  const double t = M_PI * x;
  return std::sin(t) / t * std::sin(t / 3) / (t / 3);
}

// Every output pixel as a weighted mean over the whole input, [out,in] weights for one axis.
torch::Tensor weights(int64_t in, int64_t scaled, int64_t out) {
  torch::Tensor matrix = torch::zeros({out, in}, torch::kFloat64);
  const double step = static_cast<double>(in) / static_cast<double>(scaled);
  for (int64_t i = 0; i < out; ++i) {
    const auto place = static_cast<double>(i + (scaled - out) / 2) + 0.5;
    for (int64_t k = 0; k < in; ++k) {
      const double distance = static_cast<double>(k) + 0.5 - place * step;
      matrix[i][k] = lanczos3(distance / std::max(1.0, step));
    }
  }
  return matrix / matrix.sum(1, true);
}

torch::Tensor oracle(const torch::Tensor& image, int64_t size) {
  const int64_t height = image.size(1);
  const int64_t width = image.size(2);
  const double shorter = static_cast<double>(std::min(height, width));
  const auto scaled = [&](int64_t side) {
    return static_cast<int64_t>(std::floor(static_cast<double>(side * size) / shorter + 0.5));
  };
  const torch::Tensor rows = weights(height, scaled(height), size);
  const torch::Tensor columns = weights(width, scaled(width), size);
  return rows.matmul(image.to(torch::kFloat64)).matmul(columns.t()).clamp(0, 255);
}

TEST(Resize, AgreesWithTheOracle) {
  const std::vector<std::vector<int64_t>> shapes = {{3, 40, 40}, {1, 33, 50},  {3, 70, 31},
                                                    {1, 5, 9},   {3, 16, 100}, {1, 1, 7}};
  for (const auto& shape : shapes) {
    for (const int64_t size : {8, 16, 31}) {
      const torch::Tensor image = random_pixels(shape);
      const torch::Tensor result = resize_and_crop(image, size);
      ASSERT_EQ(result.sizes(), (torch::IntArrayRef{shape[0], size, size}));
      const double error =
          (result.to(torch::kFloat64) - oracle(image, size)).abs().max().item<double>();
      EXPECT_LT(error, 0.51) << shape << " to " << size;
    }
  }
}

TEST(Resize, ImageOfThatSizeStaysAsItIs) {
  const torch::Tensor image = random_pixels({3, 20, 20});
  EXPECT_TRUE(torch::equal(resize_and_crop(image, 20), image));
}

TEST(Resize, FittingShorterSideIsOnlyCropped) {
  const torch::Tensor image = random_pixels({3, 20, 27});
  EXPECT_TRUE(torch::equal(resize_and_crop(image, 20), image.narrow(2, 3, 20)));
}

TEST(Resize, FlatImageStaysFlat) {
  const torch::Tensor image = torch::full({1, 50, 41}, 131, torch::kUInt8);
  EXPECT_TRUE(
      torch::equal(resize_and_crop(image, 12), torch::full({1, 12, 12}, 131, torch::kUInt8)));
}

TEST(Resize, DoesNotAlias) {
  // Stripes of one pixel average out; taking every fourth pixel would give black.
  const torch::Tensor stripes = (torch::arange(64) % 2 * 255).to(torch::kUInt8).expand({1, 64, 64});
  const torch::Tensor small = resize_and_crop(stripes, 16).to(torch::kFloat32);
  EXPECT_LT((small.narrow(2, 2, 12) - 127.5).abs().max().item<float>(), 6);
}

TEST(Resize, WholeSetByAnyNumberOfThreads) {
  ImageSet set;
  set.images = random_pixels({9, 3, 30, 40});
  set.labels = torch::arange(9);
  Observer silent;
  for (const int threads : {1, 2}) {
    at::set_num_threads(threads);
    const ImageSet result = resized(set, 16, silent);
    for (int64_t i = 0; i < 9; ++i) {
      EXPECT_TRUE(torch::equal(result.images[i], resize_and_crop(set.images[i], 16)));
    }
    EXPECT_TRUE(torch::equal(result.labels, set.labels));
  }
  EXPECT_TRUE(resized(set, 0, silent).images.is_same(set.images));
}

}  // namespace
}  // namespace mkdt
