#include "mkdt/data/image_set.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tests/data/data_fixture.h"

namespace mkdt {
namespace {

ImageSet make_set(int64_t channels) {
  ImageSet set;
  set.name = "test";
  set.images = testing::random_pixels({6, channels, 4, 4});
  set.labels = torch::arange(6) % 2;
  set.class_names = {"even", "odd"};
  set.normalisation = measured_normalisation(set.images);
  return set;
}

TEST(ImageSet, NormalisedRows) {
  const ImageSet set = make_set(3);
  const torch::Tensor rows = torch::tensor({5, 0, 5}, torch::kInt64);
  const torch::Tensor all = set.normalised(torch::kCPU);
  EXPECT_TRUE(torch::equal(set.normalised(rows, torch::kCPU), all.index_select(0, rows)));
  EXPECT_NEAR(all.mean().item<double>(), 0, 1e-5);
}

TEST(ImageSet, Subset) {
  const ImageSet set = make_set(3);
  const ImageSet part = set.subset(torch::tensor({4, 1}, torch::kInt64));
  EXPECT_EQ(part.size(), 2);
  EXPECT_TRUE(torch::equal(part.images[0], set.images[4]));
  EXPECT_TRUE(torch::equal(part.labels, torch::tensor({0, 1}, torch::kInt64)));
  EXPECT_EQ(part.class_names, set.class_names);
  ImageSet unlabelled = set;
  unlabelled.labels = torch::Tensor();
  EXPECT_FALSE(unlabelled.subset(torch::tensor({1}, torch::kInt64)).labelled());
}

TEST(ImageSet, GreyBecomesThreeEqualChannels) {
  const ImageSet grey = make_set(1);
  const ImageSet colour = with_three_channels(grey);
  EXPECT_EQ(colour.channels(), 3);
  EXPECT_EQ(colour.normalisation.mean.size(), 3U);
  for (int64_t c = 0; c < 3; ++c) {
    EXPECT_TRUE(torch::equal(colour.images.narrow(1, c, 1), grey.images));
  }
  EXPECT_TRUE(torch::allclose(colour.normalised(torch::kCPU).narrow(1, 2, 1),
                              grey.normalised(torch::kCPU)));
  const ImageSet same = make_set(3);
  EXPECT_TRUE(with_three_channels(same).images.is_same(same.images));
}

TEST(ImageSet, FingerprintIsOfPixelsAndNormalisation) {
  const ImageSet set = make_set(3);
  ImageSet renamed = set;
  renamed.name = "other";
  renamed.labels = torch::Tensor();
  EXPECT_EQ(renamed.fingerprint(), set.fingerprint());
  ImageSet changed = set;
  changed.images = set.images.clone();
  changed.images[3][1][2][2] += 1;
  EXPECT_NE(changed.fingerprint(), set.fingerprint());
  ImageSet scaled = set;
  scaled.normalisation.std[1] *= 1.001F;
  EXPECT_NE(scaled.fingerprint(), set.fingerprint());
}

}  // namespace
}  // namespace mkdt
