#include <gtest/gtest.h>

#include "mkdt/base/units.h"

namespace mkdt {
namespace {

TEST(DurationText, HasTheUnitsThatMatter) {
  EXPECT_EQ(duration_text(-3), "0 s");
  EXPECT_EQ(duration_text(46.6), "47 s");
  EXPECT_EQ(duration_text(59.7), "1 min 00 s");
  EXPECT_EQ(duration_text(189), "3 min 09 s");
  EXPECT_EQ(duration_text(7500), "2 h 05 min");
}

}  // namespace
}  // namespace mkdt
