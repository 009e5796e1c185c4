#include <gtest/gtest.h>

#include "mkdt/base/text.h"

namespace mkdt {
namespace {

using Lines = std::vector<std::string>;

TEST(TextWidth, IsInColumnsOfATerminal) {
  EXPECT_EQ(text_width(""), 0U);
  EXPECT_EQ(text_width("0.41 ± 0.01"), 11U);
  EXPECT_EQ(text_width("▁▂▃ ✓ …"), 7U);
  EXPECT_EQ(text_width("e\u0301"), 1U);  // an accent of its own
  EXPECT_EQ(text_width("猫 a"), 4U);
  EXPECT_EQ(text_width("🐈"), 2U);
  EXPECT_EQ(text_width("한글"), 4U);
  EXPECT_EQ(text_width("⚠ ★"), 3U);      // narrow between wide ones
  EXPECT_EQ(text_width("क\u094d"), 1U);  // a mark of Devanagari
  EXPECT_EQ(text_width("\u0378"), 2U);   // not assigned: may become a picture
}

TEST(TextWidth, BytesThatAreNotUtf8CountAsOne) {
  EXPECT_EQ(text_width("\xff\xfe"), 2U);
  EXPECT_EQ(text_width("a\xC3"), 2U);
  EXPECT_EQ(text_width("\xE2\x82z"), 3U);
  EXPECT_EQ(text_width("\x80"), 1U);
}

TEST(TextWidth, ShortenedKeepsTheBeginning) {
  EXPECT_EQ(shortened("distill", 7), "distill");
  EXPECT_EQ(shortened("distill", 6), "disti…");
  EXPECT_EQ(shortened("ééé", 2), "é…");
  EXPECT_EQ(shortened("猫猫猫", 4), "猫…");  // half a character is none
  EXPECT_EQ(shortened("ab", 1), "…");
  EXPECT_EQ(shortened("ab", 0), "");
}

TEST(TextWidth, WrappedBreaksAtBlanksAndKeepsWordsWhole) {
  EXPECT_EQ(wrapped("one two  three\nfour", 9), (Lines{"one two", "three", "four"}));
  EXPECT_EQ(wrapped("one two three", 13), (Lines{"one two three"}));
  EXPECT_EQ(wrapped("ein Wörterbuch", 10), (Lines{"ein", "Wörterbuch"}));
  EXPECT_EQ(wrapped("a incomprehensible b", 6), (Lines{"a", "incomprehensible", "b"}));
  EXPECT_EQ(wrapped("  ", 6), Lines());
}

}  // namespace
}  // namespace mkdt
