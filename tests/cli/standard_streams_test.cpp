// Standard streams that are full or closed, and files that may not grow.
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <sys/wait.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mkdt/io/durable_file.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/stages/tiny_run.h"

namespace mkdt::testing {
namespace {

namespace fs = std::filesystem;

class StandardStreams : public ::testing::Test {
 protected:
  StandardStreams() { write_text_atomically(folder_ / "tiny.toml", tiny_config()); }

  // The status of a shell's line, in which "mkdt" is the program and its standard error goes to a
  // file unless the line says otherwise; minus the signal that ended the shell.
  int shell(const std::string& line) const {
    const std::string command = "bash -c 'mkdt() { \"" + std::string(std::getenv("MKDT_PROGRAM")) +
                                "\" \"$@\"; }; cd " + folder_.path().string() + "; " + line + "'";
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  std::string said() const { return read_text(folder_ / "err"); }

  TemporaryFolder folder_;
};

TEST_F(StandardStreams, AFullStandardOutputIsALineAndAStatus) {
  for (const std::string command : {"info", "options", "help run"}) {
    EXPECT_EQ(shell("mkdt " + command + " >/dev/full 2>err"), 2) << command;
    EXPECT_EQ(said(), "mkdt: standard output: No space left on device\n") << command;
  }
  // Some releases of CLI11 flush these themselves, and do not say what they met.
  for (const std::string command : {"--help", "--version"}) {
    EXPECT_EQ(shell("mkdt " + command + " >/dev/full 2>err"), 2) << command;
    EXPECT_EQ(said().rfind("mkdt: standard output: ", 0), 0u) << said();
  }
  EXPECT_EQ(shell("mkdt info >/dev/null 2>err"), 0);
}

TEST_F(StandardStreams, AFullStandardErrorIsNoReasonToFail) {
  EXPECT_EQ(shell("mkdt run tiny.toml --out run >out 2>/dev/full"), 0);
  EXPECT_NE(read_text(folder_ / "out").find("distilled"), std::string::npos);
  EXPECT_EQ(shell("mkdt run no.toml >out 2>/dev/full"), 2);
}

// A file that is opened first gets the lowest free number: 2, if standard error is closed.
TEST_F(StandardStreams, ClosedOnesAreNotTakenForFiles) {
  EXPECT_EQ(shell("mkdt run tiny.toml --out run <&- >&- 2>&-"), 0);
  int lines = 0;
  std::istringstream log(read_text(folder_ / "run/log.jsonl"));
  for (std::string line; std::getline(log, line); ++lines) {
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
  EXPECT_GT(lines, 10);
}

TEST_F(StandardStreams, AFileThatMayNotGrowIsALineAndAStatus) {
  EXPECT_EQ(shell("ulimit -f 8; mkdt run tiny.toml --out run >/dev/null 2>err"), 2);
  std::string last = said();
  last = last.substr(last.rfind('\n', last.size() - 2) + 1);
  EXPECT_EQ(last.rfind("mkdt: ", 0), 0U) << last;
  EXPECT_NE(last.find("File too large"), std::string::npos) << last;
  EXPECT_NE(last.find("run/"), std::string::npos) << last;
  EXPECT_EQ(shell("mkdt run tiny.toml --out run >/dev/null 2>err"), 0) << said();
}

}  // namespace
}  // namespace mkdt::testing
