#include "cli/sparkline.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "cli/thinned_curve.h"

namespace mkdt::cli {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string blocks(const std::vector<double>& values, size_t cells) {
  return sparkline(values, cells, /*unicode=*/true);
}

TEST(Sparkline, HeightsGoFromTheLowestToTheHighestValue) {
  EXPECT_EQ(blocks({0, 1, 2, 3, 4, 5, 6, 7}, 8), "▁▂▃▄▅▆▇█");
  EXPECT_EQ(blocks({-3, -4, -5}, 8), "█▅▁");
  EXPECT_EQ(sparkline({0, 1, 2, 3, 4, 5, 6, 7}, 8, /*unicode=*/false), "_.:-=+*#");
}

TEST(Sparkline, ACellIsTheMeanOfItsShare) {
  EXPECT_EQ(blocks({0, 0, 0, 8, 8, 8}, 2), "▁█");
  EXPECT_EQ(blocks({9, -9, 1, 3, 7, 1}, 3), "▁▅█");    // 0, 2, 4
  EXPECT_EQ(blocks({0, 0, 0, 0, 0, 7, 7}, 3), "▁▁█");  // shares of 2, 2 and 3: 0, 0, 14/3
}

// Sums are rounded: the means of one and the same value may differ in the last bit.
TEST(Sparkline, AFlatCurveIsFlat) {
  EXPECT_EQ(blocks(std::vector<double>(1000, 0.1), 3), "▁▁▁");
  EXPECT_EQ(blocks(std::vector<double>(1000, 0), 3), "▁▁▁");
  EXPECT_EQ(blocks({1, 1.001}, 2), "▁█");
}

TEST(Sparkline, HasNoMoreCellsThanValues) {
  EXPECT_EQ(blocks({}, 12), "");
  EXPECT_EQ(blocks({5}, 12), "▁");
  EXPECT_EQ(blocks({5, 6}, 0), "");
}

TEST(Sparkline, LeavesAGapWhereNothingIsFinite) {
  EXPECT_EQ(blocks({0, kNaN, kInfinity, 7}, 4), "▁  █");
  EXPECT_EQ(blocks({0, kNaN, kNaN, kNaN, 7, 7}, 3), "▁ █");
  EXPECT_EQ(blocks({kNaN, -kInfinity}, 2), "  ");
}

TEST(Sparkline, TakesTheLargestNumbers) {
  const double most = std::numeric_limits<double>::max();
  EXPECT_EQ(blocks({most, -most}, 2), "█▁");
  EXPECT_EQ(blocks({most, most, -most, -most}, 2), "█▁");
}

TEST(ThinnedCurve, KeepsAShortCurveAsItIs) {
  ThinnedCurve curve;
  for (const double value : {3.0, 1.0, 2.0}) curve.add(value);
  EXPECT_EQ(curve.values(), (std::vector<double>{3, 1, 2}));
  EXPECT_EQ(curve.count(), 3);
  EXPECT_EQ(curve.last(), 2);
}

TEST(ThinnedCurve, StaysSmallAndTrue) {
  ThinnedCurve curve;
  constexpr int64_t kCount = 1'000'003;
  for (int64_t i = 0; i < kCount; ++i) curve.add(static_cast<double>(i));
  const std::vector<double> values = curve.values();
  EXPECT_LE(values.size(), 1024U);
  EXPECT_GE(values.size(), 400U);
  EXPECT_EQ(curve.count(), kCount);
  EXPECT_EQ(curve.last(), kCount - 1);
  for (size_t i = 1; i + 1 < values.size(); ++i) {
    EXPECT_DOUBLE_EQ(values[i] - values[i - 1], values[1] - values[0]);
  }
  EXPECT_DOUBLE_EQ(values[0], (values[1] - values[0] - 1) / 2);  // the mean of as many from 0 on
  EXPECT_EQ(sparkline(values, 8, true), "▁▂▃▄▅▆▇█");
}

TEST(ThinnedCurve, HasNoValueWhereNoneWasFinite) {
  ThinnedCurve curve;
  for (int i = 0; i < 4096; ++i) curve.add(i < 1024 ? kNaN : i % 2 == 0 ? 5 : kInfinity);
  const std::vector<double> values = curve.values();
  EXPECT_TRUE(std::isnan(values.front()));
  EXPECT_EQ(values.back(), 5);
  EXPECT_EQ(blocks(values, 4), " ▁▁▁");
}

}  // namespace
}  // namespace mkdt::cli
