#include <gtest/gtest.h>

#include "mkdt/publish/dataset/front_matter.h"

namespace mkdt {
namespace {

TEST(ShownText, IsOneLineThatCanBeSeen) {
  EXPECT_EQ(shown_text("ciFAR-10, größer"), "ciFAR-10, größer");
  EXPECT_EQ(shown_text("a\nb\tc"), "a?b?c");
  EXPECT_EQ(shown_text("a\xE2\x80\xAE"
                       "b\xC2\x85"
                       "c\xE2\x80\xA8"
                       "d\xEF\xBB\xBF"),
            "a?b?c?d?");
  EXPECT_EQ(shown_text("a\xFF"
                       "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(shown_text("\xE2\x80"), "\xEF\xBF\xBD");  // ends within a character
  EXPECT_LE(shown_text(std::string(10'000, 'x')).size(), 203u);
}

TEST(ShownText, MeansItselfInMarkdownAndYaml) {
  EXPECT_EQ(in_markdown("sign_digits 3x3, top-1"), "sign_digits 3x3, top-1");
  EXPECT_EQ(in_markdown("_a_ | <b> & [c]"), "&#95;a&#95; &#124; &#60;b&#62; &#38; &#91;c&#93;");
  EXPECT_EQ(in_yaml("a \"b\" \\ : #\n---"), "\"a \\\"b\\\" \\\\ : #?---\"");
}

TEST(BehindFolders, IsTheLastPart) {
  EXPECT_EQ(behind_folders("cifar10"), "cifar10");
  EXPECT_EQ(behind_folders("/home/ann/cifar10"), "cifar10");
  EXPECT_EQ(behind_folders("../ann/cifar10//"), "cifar10");
  EXPECT_EQ(behind_folders("/"), "");
  EXPECT_EQ(behind_folders(""), "");
}

TEST(WithoutFolders, CutsTextsAndNothingElse) {
  const std::string plain = "[a]\n# it's a/b \"\nb = 1.5 # c/d\nc = ''\nd = [\"x\", 'y']\n";
  EXPECT_EQ(without_folders(plain), plain);
  EXPECT_EQ(without_folders("a = '/b/c'\nd = [\"/e/\\\"f\\\"\", '/g/h/']\ni = 2\n"),
            "a = 'c'\nd = [\"\\\"f\\\"\", 'h']\ni = 2\n");
  EXPECT_EQ(without_folders("a = '''/b/c\n'd'''\ne = '/f/g'"), "a = '''c\n'd'''\ne = 'g'");
  // No TOML, but nothing to stumble over either.
  EXPECT_EQ(without_folders("a = '/b/c"), "a = 'c");
  EXPECT_EQ(without_folders("a = \"/b/\\"), "a = \"\\");
  EXPECT_EQ(without_folders("'"), "'");
  EXPECT_EQ(without_folders("# /b/c"), "# /b/c");
}

}  // namespace
}  // namespace mkdt
