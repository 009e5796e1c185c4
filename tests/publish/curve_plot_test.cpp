#include "mkdt/publish/curve_plot.h"

#include <cmath>

#include <gtest/gtest.h>

#include "mkdt/io/durable_file.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(AxisTicks, AreRoundAndInside) {
  EXPECT_EQ(axis_ticks(0, 10, 5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  const std::vector<double> ticks = axis_ticks(0.31, 0.92, 6);
  ASSERT_EQ(ticks.size(), 3u);
  EXPECT_NEAR(ticks[0], 0.4, 1e-12);
  EXPECT_NEAR(ticks[2], 0.8, 1e-12);
  EXPECT_EQ(axis_ticks(-150, 150, 3), (std::vector<double>{-100, 0, 100}));
  for (const double tick : axis_ticks(0, 5000, 8)) EXPECT_EQ(std::fmod(tick, 1000), 0);
}

TEST(CurvePlot, DrawsEveryCurveWithItsName) {
  const std::string svg =
      curve_svg({"Matching loss",
                 "iteration",
                 "J",
                 {{"a < b & c", {0, 1, 2}, {1, 0.5, 0.25}}, {"two", {0, 1, 2}, {0, 1, 2}}}});
  EXPECT_EQ(count(svg, "<path "), 2u);
  EXPECT_EQ(count(svg, "a &lt; b &amp; c"), 1u);
  EXPECT_EQ(svg.rfind("<svg ", 0), 0u);
  EXPECT_EQ(count(svg, "<text "), count(svg, "</text>"));
  // The first curve spans the plane's width and starts half-way up (1 of 0 … 2).
  EXPECT_NE(svg.find("M80.0,214.5 L390.0,"), std::string::npos) << svg;
}

TEST(CurvePlot, GapsForValuesThatAreNotFinite) {
  const std::string svg =
      curve_svg({"", "", "", {{"", {0, 1, 2, 3, 4}, {1, 2, std::nan(""), 3, 4}}}});
  EXPECT_EQ(count(svg, " L"), 2u);
  EXPECT_EQ(count(svg, "M"), 2u);
  EXPECT_EQ(count(svg, "nan"), 0u);
}

TEST(CurvePlot, NoPointsAndConstantCurvesAreFine) {
  for (const std::vector<double>& y : {std::vector<double>{}, {3}, {0, 0}, {-2, -2}}) {
    std::vector<double> x;
    for (size_t i = 0; i < y.size(); ++i) x.push_back(static_cast<double>(i));
    const std::string svg = curve_svg({"t", "x", "y", {{"c", x, y}}});
    EXPECT_EQ(count(svg, "nan") + count(svg, "inf"), 0u) << svg;
  }
}

TEST(CurvePlot, IsWritten) {
  const testing::TemporaryFolder folder;
  const CurvePlot plot{"t", "x", "y", {{"c", {0, 1}, {0, 1}}}};
  write_curve_svg(folder / "curve.svg", plot);
  EXPECT_EQ(read_text(folder / "curve.svg"), curve_svg(plot));
}

}  // namespace
}  // namespace mkdt
