#include "mkdt/report/sprites.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "mkdt/data/png.h"
#include "tests/report/page_fixture.h"

namespace mkdt {
namespace {

using testing::from_data_uri;
using testing::some_set;

// Image i of a sprite sheet.
torch::Tensor cut_out(const torch::Tensor& sheet, const Sprites& sprites, int64_t i, int64_t size) {
  return sheet.narrow(1, i / sprites.columns * size, size)
      .narrow(2, i % sprites.columns * size, size);
}

TEST(Sprites, EveryImageIsWhereThePageLooksForIt) {
  for (const int64_t channels : {1, 3}) {
    const ReportedSet set = some_set(11, channels, 5);
    const Sprites sprites = sprites_of(set, 100);
    const torch::Tensor after = decode_png(from_data_uri(sprites.after), "after");
    const torch::Tensor before = decode_png(from_data_uri(sprites.before), "before");
    ASSERT_EQ(sprites.rows.size(0), 11);
    EXPECT_EQ(after.size(0), channels);
    for (int64_t i = 0; i < 11; ++i) {
      EXPECT_TRUE(torch::equal(cut_out(after, sprites, i, 5), set.after[i])) << i;
      EXPECT_TRUE(torch::equal(cut_out(before, sprites, i, 5), set.before[i])) << i;
    }
  }
}

TEST(Sprites, FewerImagesThanThereAreSpreadEvenly) {
  const Sprites sprites = sprites_of(some_set(10, 3, 4), 5);
  EXPECT_TRUE(torch::equal(sprites.rows, torch::tensor({0, 2, 4, 6, 8})));
  EXPECT_EQ(sprites.orders.at("stored"), (std::vector<int64_t>{0, 1, 2, 3, 4}));
}

TEST(Sprites, OrdersFollowTheTargets) {
  ReportedSet set = some_set(6, 3, 4);
  // Along one line, whose larger entry is the second one.
  const torch::Tensor place = torch::tensor({3.0F, 1.0F, 5.0F, 0.0F, 4.0F, 2.0F}).unsqueeze(1);
  set.targets = torch::cat({-place, 2 * place, torch::zeros({6, 1})}, 1);
  set.class_names = {"a", "b"};
  set.nearest_class = torch::tensor({1, 0, 1, 1, 0, 0});
  const Sprites sprites = sprites_of(set, 6);
  EXPECT_EQ(sprites.orders.at("representation"), (std::vector<int64_t>{3, 1, 5, 0, 4, 2}));
  EXPECT_EQ(sprites.orders.at("class"), (std::vector<int64_t>{1, 5, 4, 3, 0, 2}));
  EXPECT_TRUE(torch::equal(sprites.nearest_class, set.nearest_class));
}

TEST(Sprites, WithoutTargetsThereIsTheStoredOrderAlone) {
  ReportedSet set = some_set(4, 3, 4);
  set.targets = torch::zeros({4, 0});
  EXPECT_EQ(sprites_of(set, 4).orders.size(), 1U);
  set.targets = torch::Tensor();
  set.before = torch::Tensor();
  const Sprites sprites = sprites_of(set, 4);
  EXPECT_EQ(sprites.orders.size(), 1U);
  EXPECT_TRUE(sprites.before.empty());
}

TEST(Sprites, AreWithinTheBytesAndTheFirstSetComesFirst) {
  ReportedRun run;
  run.sets = {some_set(400, 3, 32), some_set(400, 3, 32)};  // noise: PNG saves nothing
  constexpr size_t kBytes = 2'000'000;
  const auto sprites = sprites_within({run}, kBytes);
  const int64_t first = sprites[0][0].rows.size(0), second = sprites[0][1].rows.size(0);
  EXPECT_LE(sprites[0][0].bytes() + sprites[0][1].bytes(), kBytes * 102 / 100);
  EXPECT_GT(sprites[0][0].bytes(), kBytes * 8 / 10);
  EXPECT_GT(first, 5 * second);
  EXPECT_GT(second, 10);
}

TEST(Sprites, WhatFitsIsShownWhole) {
  ReportedRun run;
  run.sets = {some_set(50, 3, 16), some_set(50, 3, 16)};
  const auto all = sprites_within({run, run}, 4'000'000);
  for (const Sprites& sprites : all[1]) {
    EXPECT_EQ(sprites.rows.size(0), 50);
  }
}

TEST(Sprites, ThatCompressWellAreMoreThanTheirPixelsSuggest) {
  ReportedRun run;
  run.sets = {some_set(600, 3, 32)};
  run.sets[0].before = run.sets[0].after = torch::zeros({600, 3, 32, 32}, torch::kUInt8);
  EXPECT_EQ(sprites_within({run}, 1'000'000)[0][0].rows.size(0), 600);
}

}  // namespace
}  // namespace mkdt
