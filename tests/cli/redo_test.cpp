// A forgotten --set does not throw a finished run away.
#include <gtest/gtest.h>

#include "tests/cli/program.h"
#include "tests/cli/pseudo_terminal.h"
#include "tests/stages/tiny_run.h"

namespace mkdt::testing {
namespace {

namespace fs = std::filesystem;

class RedoTest : public ::testing::Test {
 protected:
  RedoTest() { write_text_atomically(folder_ / "tiny.toml", tiny_config()); }

  std::string toml() const { return (folder_ / "tiny.toml").string(); }
  std::string out() const { return (folder_ / "run").string(); }
  ProgramResult teacher(const std::string& arguments) const {
    return run_program("teacher " + toml() + " --out " + out() + " " + arguments + " </dev/null");
  }
  // Answers the question in a terminal.
  TerminalSession answer(const std::string& text) const {
    bool answered = false;
    return run_in_terminal({"teacher", toml(), "--out", out(), "--set", "teacher.epochs=1"}, 200,
                           {}, [&, text](const std::string& shown) -> std::string {
                             if (answered || shown.find("[y/n]") == std::string::npos) return "";
                             answered = true;
                             return text;
                           });
  }
  fs::file_time_type written() const {
    return fs::last_write_time(folder_ / "run/teacher/teacher.safetensors");
  }

  TemporaryFolder folder_;
};

TEST_F(RedoTest, OneLineSaysWhatChangedAndTheWaysToGoOn) {
  ASSERT_EQ(teacher("").status, 0);
  const auto before = written();
  const ProgramResult refused = teacher("--set teacher.epochs=1 --quiet");
  EXPECT_EQ(refused.status, 2);
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
  for (const std::string& part :
       {std::string("teacher.epochs changed from 2 to 1"), std::string("--set teacher.epochs=2"),
        std::string("--redo"), std::string("--out"), "mkdt run " + out()}) {
    EXPECT_NE(refused.err.find(part), std::string::npos) << part << "\n" << refused.err;
  }
  EXPECT_EQ(written(), before);
  EXPECT_EQ(teacher("--set teacher.epochs=1 --redo").status, 0);
  EXPECT_NE(written(), before);
}

TEST_F(RedoTest, APersonIsAsked) {
  ASSERT_EQ(teacher("").status, 0);
  const auto before = written();
  const TerminalSession no = answer("n\n");
  EXPECT_EQ(no.status, 2) << no.output;
  EXPECT_NE(no.output.find("would be replaced"), std::string::npos) << no.output;
  EXPECT_EQ(written(), before);
  EXPECT_EQ(answer("\x03").status, 128 + SIGINT);
  EXPECT_EQ(written(), before);
  const TerminalSession yes = answer("y\n");
  EXPECT_EQ(yes.status, 0) << yes.output;
  EXPECT_NE(written(), before);
}

TEST_F(RedoTest, ARunFolderGoesOnWithItsOwnOptions) {
  ASSERT_EQ(teacher("--set teacher.epochs=1").status, 0);
  const ProgramResult again = run_program("teacher " + out());
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_NE(again.err.find("already done"), std::string::npos) << again.err;
  EXPECT_EQ(run_program("plan " + out()).status, 0);
  const ProgramResult none = run_program("run " + folder_.path().string());
  EXPECT_EQ(none.status, 2);
  EXPECT_NE(none.err.find("no run folder"), std::string::npos) << none.err;
}

}  // namespace
}  // namespace mkdt::testing
