#include "mkdt/ssl/image_encoder.h"

#include <limits>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "tests/ssl/noise_images.h"

namespace mkdt {
namespace {

// Of image i, counted over all calls: (i, i), and NaN in the second place of image `bad`.
ImageEncoder counting(int64_t bad) {
  ImageEncoder encoder;
  encoder.fingerprint = "counting, 1234";
  encoder.dim = 2;
  encoder.encode = [bad, seen = int64_t{0}](const torch::Tensor& pixels) mutable {
    const int64_t end = seen + pixels.size(0);
    torch::Tensor values = torch::arange(seen, end, torch::kFloat32).unsqueeze(1).repeat({1, 2});
    if (bad >= seen && bad < end) {
      values[bad - seen][1] = std::numeric_limits<float>::quiet_NaN();
    }
    seen = end;
    return values;
  };
  return encoder;
}

TEST(Embed, HasARowForEveryImage) {
  Observer silent;
  const torch::Tensor values =
      embed(counting(-1), testing::noise_images(7, 8, {{0.5F, 0.5F, 0.5F}, {0.2F, 0.2F, 0.2F}}), 3,
            silent);
  EXPECT_TRUE(torch::equal(values.select(1, 0), torch::arange(7, torch::kFloat32)));
}

TEST(Embed, NamesEncoderAndImageWhereAValueIsNotFinite) {
  Observer silent;
  ImageSet images = testing::noise_images(7, 8, {{0.5F, 0.5F, 0.5F}, {0.2F, 0.2F, 0.2F}});
  images.name = "birds";
  for (const int64_t batch : {1, 3, 7}) {
    try {
      embed(counting(4), images, batch, silent);
      FAIL() << "expected an Error";
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(),
                   "counting, 1234: the representation of image 4 of birds has values that are not "
                   "finite numbers");
    }
  }
}

}  // namespace
}  // namespace mkdt
