#include <gtest/gtest.h>

#include "mkdt/base/units.h"

namespace mkdt {
namespace {

TEST(ParseInteger, TakesWholeDecimalNumbersOnly) {
  EXPECT_EQ(parse_integer("42"), 42);
  EXPECT_EQ(parse_integer("-3"), -3);
  for (const char* text : {"", "x", "1x", " 1", "1.5", "99999999999999999999"}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace mkdt
