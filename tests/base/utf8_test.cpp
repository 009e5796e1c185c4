#include <random>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/options.h"
#include "mkdt/base/text.h"

namespace mkdt {
namespace {

TEST(Utf8, StaysAsItIs) {
  for (const char* text :
       {"", "d/train", "Größe", "日本語", "\U0001F600", "\u0080", "\U0010FFFF"}) {
    EXPECT_EQ(escaped_bytes(text), text);
    EXPECT_EQ(as_utf8(text), text);
    EXPECT_EQ(bytes_of(text), text);
  }
}

TEST(Utf8, OtherBytesBecomePrivateCharactersAndComeBack) {
  EXPECT_EQ(escaped_bytes("d\351/x"), "d\U0010FEE9/x");
  EXPECT_EQ(as_utf8("d\351/x"), "d\U0010FEE9/x");
  EXPECT_EQ(as_utf8(as_utf8("d\351/x")), "d\U0010FEE9/x");
  // Overlong, a surrogate, beyond the last one, cut off.
  for (const std::string bytes : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "a\xE2\x82"}) {
    EXPECT_NO_THROW(nlohmann::json(escaped_bytes(bytes)).dump()) << bytes;
    EXPECT_EQ(bytes_of(escaped_bytes(bytes)), bytes);
  }
  // What already looks like an escaped byte.
  EXPECT_EQ(bytes_of(escaped_bytes("d\U0010FEE9")), "d\U0010FEE9");
}

TEST(Utf8, EveryTextOfBytesComesBack) {
  std::mt19937 random(0);  // NOLINT(cert-msc32-c,cert-msc51-cpp)
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 8, '\0');
    for (char& byte : bytes) {
      // Many of the bytes that private characters consist of.
      const char* const likely = "\xF4\x8F\xBA\xBB\x80\xBF\xE9";
      byte = random() % 2 == 0 ? likely[random() % 7] : static_cast<char>(random());
    }
    ASSERT_EQ(bytes_of(escaped_bytes(bytes)), bytes);
    ASSERT_NO_THROW(nlohmann::json(escaped_bytes(bytes)).dump());
  }
}

TEST(Utf8, OptionsMayBePathsOfAnyBytes) {
  std::string path = "d\351/\377";
  std::vector<std::string> paths = {"a\351", "b"};
  OptionTable table;
  OptionSection section = table.section("data");
  section.add("root", path, "A folder.");
  section.add("more", paths, "Folders.");
  const std::string toml = table.to_toml();
  path.clear();
  paths.clear();
  table.read_toml(toml, "config.toml");
  EXPECT_EQ(path, "d\351/\377");
  EXPECT_EQ(paths, (std::vector<std::string>{"a\351", "b"}));
  table.assign("data.root=x\351");
  EXPECT_EQ(path, "x\351");
  table.assign("data.more=x\351,y");
  EXPECT_EQ(paths, (std::vector<std::string>{"x\351", "y"}));
}

}  // namespace
}  // namespace mkdt
