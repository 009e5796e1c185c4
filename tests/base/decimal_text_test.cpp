#include <cstdlib>
#include <filesystem>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/units.h"
#include "mkdt/io/durable_file.h"

namespace mkdt {
namespace {

// The page's test reads the same table.
TEST(DecimalText, RoundsAsThePageDoes) {
  const char* source = std::getenv("MKDT_SOURCE_DIR");
  ASSERT_NE(source, nullptr);
  const auto cases = nlohmann::json::parse(
      read_text(std::filesystem::path(source) / "report_page/test/decimals.json"));
  ASSERT_GT(cases.size(), 20U);
  for (const auto& one : cases) {
    EXPECT_EQ(decimal_text(one[0].get<double>(), one[1].get<int>()), one[2].get<std::string>())
        << one;
  }
}

// Percentages of all the shares that are at the middle of two tenths.
TEST(DecimalText, SharesRoundAsTheirDecimalsSay) {
  for (int i = 0; i < 1000; ++i) {
    const double share = (i + 0.5) / 1000;
    EXPECT_EQ(decimal_text(100 * share, 1),
              std::to_string((i + 1) / 10) + "." + std::to_string((i + 1) % 10))
        << share;
  }
}

TEST(DecimalText, WhatIsNotFiniteIsItself) {
  EXPECT_EQ(decimal_text(std::numeric_limits<double>::infinity(), 1), "inf");
  EXPECT_EQ(decimal_text(std::numeric_limits<double>::quiet_NaN(), 1), "nan");
  EXPECT_EQ(decimal_text(std::numeric_limits<double>::denorm_min(), 3), "0.000");
  EXPECT_EQ(decimal_text(std::numeric_limits<double>::max(), 0).size(), 309U);
}

}  // namespace
}  // namespace mkdt
