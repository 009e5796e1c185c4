#include "mkdt/publish/contact_sheet.h"

#include <gtest/gtest.h>

#include "mkdt/base/error.h"

namespace mkdt {
namespace {

torch::Tensor numbered(int64_t count, int64_t channels = 3) {
  return torch::arange(count, torch::kUInt8)
      .view({count, 1, 1, 1})
      .expand({count, channels, 4, 5})
      .contiguous();
}

TEST(ContactSheet, PlacesImagesRowByRow) {
  const torch::Tensor sheet = contact_sheet(numbered(5), {2, 1, 0});
  // 3 columns of 10 + 1, 2 rows of 8 + 1, and a margin.
  ASSERT_EQ(sheet.sizes(), (std::vector<int64_t>{3, 19, 34}));
  EXPECT_EQ(sheet[0][0][0].item<int>(), 255);
  EXPECT_EQ(sheet[0][1][1].item<int>(), 0);
  EXPECT_EQ(sheet[1][8][10].item<int>(), 0);
  EXPECT_EQ(sheet[1][8][11].item<int>(), 255);
  EXPECT_EQ(sheet[2][1][12].item<int>(), 1);
  EXPECT_EQ(sheet[2][10][12].item<int>(), 4);
  EXPECT_EQ(sheet[2][10][23].item<int>(), 255);  // no sixth image
}

TEST(ContactSheet, RepeatsPixels) {
  const torch::Tensor image = torch::tensor({1, 2, 3, 4}, torch::kUInt8).view({1, 1, 2, 2});
  const torch::Tensor sheet = contact_sheet(image, {3, 0, 0});
  EXPECT_EQ(sheet[2][2][2].item<int>(), 1);
  EXPECT_EQ(sheet[2][2][3].item<int>(), 2);
  EXPECT_EQ(sheet[2][3][2].item<int>(), 3);
}

TEST(ContactSheet, TwoSetsShareTheirColumns) {
  const torch::Tensor sheet = contact_sheet(numbered(2), numbered(9), {1, 1, 0});
  // 3 columns; one row above, three below, 4 gaps between.
  ASSERT_EQ(sheet.sizes(), (std::vector<int64_t>{3, 6 + 4 + 16, 19}));
  EXPECT_EQ(sheet[0][11][7].item<int>(), 1);
}

TEST(ContactSheet, RefusesWhatIsNoSetOfImages) {
  EXPECT_THROW(contact_sheet(torch::zeros({2, 3, 4, 4})), Error);
  EXPECT_THROW(contact_sheet(numbered(0)), Error);
  EXPECT_THROW(contact_sheet(numbered(2, 2)), Error);
  EXPECT_THROW(contact_sheet(numbered(2), torch::zeros({2, 3, 8, 8}, torch::kUInt8)), Error);
}

}  // namespace
}  // namespace mkdt
