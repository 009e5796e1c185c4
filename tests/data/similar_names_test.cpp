#include <gtest/gtest.h>

#include "mkdt/data/classes.h"

namespace mkdt {
namespace {

TEST(SimilarNames, DifferInCompositionAlone) {
  EXPECT_TRUE(differ_in_composition("caf\xC3\xA9", "cafe\xCC\x81"));
  EXPECT_TRUE(differ_in_composition("\xE3\x81\xB1", "\xE3\x81\xAF\xE3\x82\x9A"));  // pa
  EXPECT_TRUE(differ_in_composition("\uAC00", "\u1100\u1161"));                    // ga of Hangul
  EXPECT_TRUE(differ_in_composition("\u1E69", "s\u0307\u0323"));  // marks in another order
  EXPECT_FALSE(differ_in_composition("cafe", "caf\xC3\xA9"));
  EXPECT_FALSE(differ_in_composition("caf\xC3\xA9", "caf\xC3\xA9"));
  EXPECT_FALSE(differ_in_composition("cafe\xCC\x81", "tea\xCC\x81"));
  EXPECT_FALSE(differ_in_composition("caf\xC3\xA9s", "cafe\xCC\x81"));
  EXPECT_FALSE(differ_in_composition("\xFF\xFE", "\x80"));
}

}  // namespace
}  // namespace mkdt
