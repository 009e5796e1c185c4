#include "mkdt/data/normalisation.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tests/data/data_fixture.h"

namespace mkdt {
namespace {

using testing::random_pixels;

TEST(Normalisation, AppliesTheFormula) {
  const Normalisation normalisation{{0.4F, 0.5F, 0.6F}, {0.2F, 0.25F, 0.3F}};
  const torch::Tensor pixels = random_pixels({2, 3, 4, 5});
  const torch::Tensor result = normalisation.apply(pixels);
  ASSERT_EQ(result.scalar_type(), torch::kFloat32);
  for (int64_t c = 0; c < 3; ++c) {
    const auto i = static_cast<size_t>(c);
    const torch::Tensor expected =
        (pixels.select(1, c).to(torch::kFloat64) / 255 - normalisation.mean[i]) /
        normalisation.std[i];
    EXPECT_TRUE(torch::allclose(result.select(1, c).to(torch::kFloat64), expected, 1e-5, 1e-5));
  }
}

TEST(Normalisation, LeavesItsInputAlone) {
  const Normalisation normalisation{{0.5F}, {0.5F}};
  const torch::Tensor pixels = random_pixels({1, 4, 4});
  const torch::Tensor before = pixels.clone();
  normalisation.apply(pixels);
  EXPECT_TRUE(torch::equal(pixels, before));
  const torch::Tensor images = torch::randn({1, 4, 4});
  const torch::Tensor images_before = images.clone();
  normalisation.invert(images);
  EXPECT_TRUE(torch::equal(images, images_before));
}

TEST(Normalisation, InvertBringsEveryPixelValueBack) {
  const Normalisation normalisation = *published_normalisation("cifar10");
  const torch::Tensor pixels =
      torch::arange(256).to(torch::kUInt8).view({1, 1, 256}).expand({3, 1, 256}).contiguous();
  EXPECT_TRUE(torch::equal(normalisation.invert(normalisation.apply(pixels)), pixels));
}

TEST(Normalisation, InvertClamps) {
  const Normalisation normalisation{{0.5F}, {0.5F}};
  const torch::Tensor images = torch::tensor({-7.0F, 7.0F, std::nanf("")}).view({1, 1, 3});
  EXPECT_TRUE(torch::equal(normalisation.invert(images),
                           torch::tensor({0, 255, 0}).to(torch::kUInt8).view({1, 1, 3})));
}

TEST(Normalisation, MeasuredIsMeanAndStandardDeviation) {
  const torch::Tensor images = random_pixels({11, 3, 6, 7});
  const Normalisation measured = measured_normalisation(images);
  ASSERT_EQ(measured.mean.size(), 3U);
  for (int64_t c = 0; c < 3; ++c) {
    const torch::Tensor values = images.select(1, c).to(torch::kFloat64) / 255;
    EXPECT_NEAR(measured.mean[static_cast<size_t>(c)], values.mean().item<double>(), 1e-6);
    EXPECT_NEAR(measured.std[static_cast<size_t>(c)], values.std(false).item<double>(), 1e-6);
  }
}

TEST(Normalisation, ConstantChannelHasAPositiveDeviation) {
  const Normalisation measured = measured_normalisation(torch::zeros({2, 1, 4, 4}, torch::kUInt8));
  EXPECT_EQ(measured.mean[0], 0);
  EXPECT_GT(measured.std[0], 0);
}

TEST(Normalisation, PublishedConstants) {
  for (const char* name :
       {"cifar10", "cifar100", "tiny-imagenet", "imagenet", "aircraft", "cub", "dogs", "flowers"}) {
    const auto found = published_normalisation(name);
    ASSERT_TRUE(found.has_value()) << name;
    EXPECT_EQ(found->mean.size(), 3U);
    EXPECT_EQ(found->std.size(), 3U);
  }
  EXPECT_FALSE(published_normalisation("mnist").has_value());
  EXPECT_FLOAT_EQ(published_normalisation("cifar100")->std[2], 0.2023F);
}

}  // namespace
}  // namespace mkdt
