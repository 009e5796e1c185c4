// The manual page has all that the program has, and troff can read it.
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "tests/cli/command_list.h"
#include "tests/cli/program.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt::testing {
namespace {

std::string in_troff(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '-' ? std::string("\\-") : std::string(1, c);
  return result;
}

TEST(ManPage, HasEveryCommandFlagAndOption) {
  const ProgramResult page = run_program("man");
  ASSERT_EQ(page.status, 0) << page.err;
  const auto has = [&](const std::string& text) {
    return page.out.find(text) != std::string::npos;
  };
  const std::vector<ListedCommand>& commands = listed_commands();
  EXPECT_GT(commands.size(), 35U);
  for (const ListedCommand& command : commands) {
    EXPECT_TRUE(command.path.empty() || has(".SS \\fBmkdt " + in_troff(command.path) + "\\fR"))
        << command.path;
    EXPECT_GE(command.flags.size(), 1U) << command.path;
    for (const std::string& flag : command.flags) {
      EXPECT_TRUE(has("\\fB" + in_troff(flag) + "\\fR")) << command.path << " " << flag;
    }
  }
  const std::vector<std::string> options = listed_options();
  EXPECT_GT(options.size(), 100U);
  for (const std::string& key : options) EXPECT_TRUE(has("\\fB" + key + "\\fR = ")) << key;
}

TEST(ManPage, CommandsHaveTheirOwnFlagsOnly) {
  const std::string page = run_program("man").out;
  const size_t begin = page.find(".SS \\fBmkdt verify\\fR");
  ASSERT_NE(begin, std::string::npos);
  const std::string verify = page.substr(begin, page.find("\n.SS", begin) - begin);
  EXPECT_NE(verify.find("\\fIRUN\\fR"), std::string::npos) << verify;
  EXPECT_EQ(verify.find("quiet"), std::string::npos) << verify;
  EXPECT_EQ(verify.find("Start with"), std::string::npos) << verify;
}

TEST(ManPage, TroffReadsItWithoutAWarning) {
  if (std::system("command -v groff >/dev/null") != 0) GTEST_SKIP() << "no groff";
  const TemporaryFolder folder;
  write_text_atomically(folder / "mkdt.1", run_program("man").out);
  const std::string command = "groff -man -ww -k -Tutf8 -P-cbu " + (folder / "mkdt.1").string() +
                              " >" + (folder / "out").string() + " 2>" + (folder / "err").string();
  EXPECT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(read_text(folder / "err"), "");
  const std::string shown = read_text(folder / "out");
  EXPECT_NE(shown.find("--set KEY=VALUE"), std::string::npos);
  EXPECT_NE(shown.find("teacher.algorithm = 'barlow-twins'"), std::string::npos);
}

}  // namespace
}  // namespace mkdt::testing
