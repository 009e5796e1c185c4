#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/publish/contact_sheet.h"

namespace mkdt {
namespace {

constexpr int64_t kGap = 2;  // of a contact sheet

// Image i is i everywhere.
ImageSet numbered_views(int64_t count, int64_t size, int64_t channels = 3) {
  ImageSet set;
  set.name = "numbered";
  set.images = torch::arange(count, torch::kUInt8)
                   .view({count, 1, 1, 1})
                   .expand({count, channels, size, size})
                   .contiguous();
  set.normalisation.mean.assign(channels, 0.4F);
  set.normalisation.std.assign(channels, 0.2F);
  return set;
}

// Views that are the image itself.
ViewOptions unchanged() {
  ViewOptions options;
  options.min_area = 1;
  options.flip_probability = 0;
  options.jitter_probability = 0;
  options.grey_probability = 0;
  return options;
}

torch::Tensor tile(const torch::Tensor& sheet, int64_t size, int64_t row, int64_t column) {
  return sheet.narrow(1, kGap + row * (size + kGap), size)
      .narrow(2, kGap + column * (size + kGap), size);
}

torch::Tensor sheet_of(const ImageSet& images, const ViewPair& views, int64_t count,
                       int64_t pairs) {
  at::Generator generator = make_generator(1, "test/sheet");
  return view_sheet(images, views, count, pairs, generator);
}

TEST(ViewSheet, ShowsEvenlySpacedImagesEnlarged) {
  const torch::Tensor sheet = sheet_of(numbered_views(10, 32), {unchanged(), unchanged()}, 4, 2);
  ASSERT_EQ(sheet.sizes(), at::IntArrayRef({3, kGap + 4 * (64 + kGap), kGap + 5 * (64 + kGap)}));
  EXPECT_EQ(sheet.scalar_type(), torch::kUInt8);
  const std::vector<int> expected = {0, 2, 5, 7};
  for (int64_t row = 0; row < 4; ++row) {
    for (int64_t column = 0; column < 5; ++column) {
      EXPECT_TRUE((tile(sheet, 64, row, column) == expected[row]).all().item<bool>())
          << row << " " << column;
    }
  }
}

TEST(ViewSheet, AlternatesFirstAndSecondViews) {
  ViewPair views{unchanged(), unchanged()};
  views.second.solarise_probability = 1;
  ImageSet images = numbered_views(2, 70);
  images.images.fill_(200);
  const torch::Tensor sheet = sheet_of(images, views, 2, 2);
  const std::vector<int> expected = {200, 200, 55, 200, 55};
  for (int64_t column = 0; column < 5; ++column) {
    const torch::Tensor shown = tile(sheet, 70, 1, column);
    EXPECT_TRUE((shown == expected[column]).all().item<bool>()) << column;
  }
}

TEST(ViewSheet, DrawsEveryViewAnew) {
  ImageSet images = numbered_views(3, 64);
  at::Generator generator = make_generator(2, "test/pixels");
  images.images.random_(0, 256, generator);
  const torch::Tensor sheet = sheet_of(images, {}, 3, 2);
  for (int64_t column = 1; column < 5; ++column) {
    for (int64_t other = 0; other < column; ++other) {
      EXPECT_FALSE(torch::equal(tile(sheet, 64, 1, column), tile(sheet, 64, 1, other)));
    }
  }
  EXPECT_TRUE(torch::equal(sheet, sheet_of(images, {}, 3, 2)));
}

TEST(ViewSheet, GreyImagesAndSmallSets) {
  const torch::Tensor sheet = sheet_of(numbered_views(2, 64, 1), {unchanged(), unchanged()}, 9, 1);
  ASSERT_EQ(sheet.sizes(), at::IntArrayRef({3, kGap + 2 * (64 + kGap), kGap + 3 * (64 + kGap)}));
  EXPECT_TRUE((tile(sheet, 64, 1, 2) == 1).all().item<bool>());
}

TEST(ViewSheet, RefusesNothingToShow) {
  EXPECT_THROW(sheet_of(numbered_views(0, 32), {}, 4, 2), Error);
  EXPECT_THROW(sheet_of(numbered_views(3, 32), {}, 0, 2), Error);
  EXPECT_THROW(sheet_of(numbered_views(3, 32), {}, 3, 0), Error);
}

}  // namespace
}  // namespace mkdt
