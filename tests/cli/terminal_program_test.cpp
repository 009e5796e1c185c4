// The program as a person sees it, in a terminal; and how much it says.
#include <algorithm>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "mkdt/base/text.h"
#include "tests/cli/program.h"
#include "tests/cli/pseudo_terminal.h"
#include "tests/cli/screen.h"
#include "tests/stages/tiny_run.h"

namespace mkdt::testing {
namespace {

using Words = std::vector<std::string>;

class TerminalProgram : public ::testing::Test {
 protected:
  TerminalProgram() { write_text_atomically(config(), tiny_config()); }

  std::string config() const { return (folder_ / "tiny.toml").string(); }
  std::string out() const { return (folder_ / "run").string(); }

  Words command(const std::string& name, const Words& further = {}) const {
    Words words = {
        name,    config(),           "--out", out(),
        "--set", "evaluate.seeds=1", "--set", "evaluate.label_fractions=0.02,0.05,0.1,0.2,0.5,1",
        "--set", "runtime.threads=1"};
    words.insert(words.end(), further.begin(), further.end());
    return words;
  }
  ProgramResult piped(const std::string& name, const std::string& further) const {
    std::string line;
    for (const std::string& word : command(name)) line += word + " ";
    return run_program(line + further);
  }

  // Every line that was ever drawn. Words with a path in them may be wider than a terminal, which
  // breaks them so that they can be copied.
  static void expect_fits(const std::string& output, size_t width) {
    std::string line;
    for (size_t i = 0; i < output.size(); ++i) {
      if (output[i] == '\033') {
        i = output.find_first_of("Km", i);
      } else if (output[i] == '\r' || output[i] == '\n') {
        EXPECT_TRUE(text_width(line) <= width || line.find('/') != std::string::npos) << line;
        line.clear();
      } else {
        line += output[i];
      }
    }
  }

  TemporaryFolder folder_;
};

TEST_F(TerminalProgram, ARunFitsTheTerminalAndSoDoesItsTable) {
  const TerminalSession narrow = run_in_terminal(command("run"), 54);
  ASSERT_EQ(narrow.status, 0) << narrow.output;
  const Screen screen(narrow.output, 54);
  EXPECT_FALSE(screen.confused()) << narrow.output;
  EXPECT_GT(screen.coloured(), 0);
  expect_fits(narrow.output, 54);
  EXPECT_EQ(screen.line_with("✓ distill").rfind("✓ distill  4 iterations", 0), 0U) << narrow.output;
  EXPECT_EQ(screen.line_with("not done yet"), "");
  EXPECT_EQ(screen.line_with("distill: done in").rfind("  distill: done in", 0), 0U);

  // Again: there is the table, which has room now, and one line of what was there.
  const TerminalSession wide = run_in_terminal(command("run"), 120, {{"NO_COLOR", "1"}});
  const Screen again(wide.output, 120);
  EXPECT_EQ(again.lines()[0],
            "  teacher, embed, experts, subset, distill, pretrain, probe, evaluate: already done");
  EXPECT_EQ(again.coloured(), 0);
  EXPECT_EQ(wide.output.find('\033'), std::string::npos);
  expect_fits(wide.output, 120);
  EXPECT_NE(again.line_with("method").find("100 %"), std::string::npos) << wide.output;
  EXPECT_EQ(screen.line_with("method").find("100 %"), std::string::npos) << narrow.output;

  const ProgramResult file = piped("run", "");
  EXPECT_EQ(file.err,
            "teacher, embed, experts, subset, distill, pretrain, probe, evaluate: already done\n");
  EXPECT_EQ((file.out + file.err).find_first_of("\033\r"), std::string::npos);
  expect_fits(file.out, 80);

  const ProgramResult warnings = piped("run", "--log-level warning");
  EXPECT_EQ(warnings.err, "");
  EXPECT_EQ(warnings.out, file.out);
  const ProgramResult quiet = piped("run", "--quiet");
  EXPECT_EQ(quiet.out + quiet.err, "");
  EXPECT_NE(run_program("verify --quiet " + out()).out.find("files whole"), std::string::npos);
}

TEST_F(TerminalProgram, CtrlCLeavesTheLineAsItIs) {
  bool typed = false;
  const TerminalSession session =
      run_in_terminal(command("teacher", {"--set", "teacher.epochs=100000"}), 80, {},
                      [&](const std::string& so_far) -> std::string {
                        if (typed || so_far.find(" left") == std::string::npos) return "";
                        typed = true;
                        return "\x03";
                      });
  EXPECT_EQ(session.status, 130) << session.output;
  const Screen screen(session.output, 80);
  EXPECT_FALSE(screen.confused()) << session.output;
  EXPECT_EQ(screen.cursor(), 0U) << session.output;
  EXPECT_EQ(screen.line_with("stopping after").rfind("mkdt: stopping after", 0), 0U);
  EXPECT_EQ(screen.line_with("finished work is kept").rfind("mkdt: stopped", 0), 0U);
  const auto lines = screen.lines();
  const auto last = std::find_if(lines.rbegin(), lines.rend(), [](const std::string& line) {
    return line.rfind("teacher ", 0) == 0;
  });
  ASSERT_NE(last, lines.rend()) << session.output;
  EXPECT_NE(last->find("images"), std::string::npos) << *last;
  EXPECT_EQ(last->find("mkdt"), std::string::npos) << *last;
}

TEST_F(TerminalProgram, OptionsOfTheProgramStandAnywhere) {
  const ProgramResult debug = piped("teacher", "--log-level debug --set teacher.epochs=3");
  EXPECT_NE(debug.err.find("\nteacher/loss 3 "), std::string::npos) << debug.err;
  EXPECT_NE(debug.err.find("teacher: done in"), std::string::npos) << debug.err;
  // What is not as it should be is said, and nothing else: here of a checkpoint of other options,
  // in a stage that was not finished.
  std::filesystem::remove(folder_ / "run/teacher/manifest.json");
  const ProgramResult quiet = piped("--quiet --log-level debug teacher", "--set teacher.epochs=1");
  EXPECT_EQ(quiet.status, 0) << quiet.err;
  EXPECT_EQ(quiet.err.rfind("warning: ", 0), 0U) << quiet.err;
  EXPECT_EQ(std::count(quiet.err.begin(), quiet.err.end(), '\n'), 1) << quiet.err;
  EXPECT_EQ(piped("teacher", "--log-level loud").status, 2);
  for (const char* help : {"--help", "study size --help"}) {
    const std::string text = run_program(help).out;
    EXPECT_NE(text.find("--quiet"), std::string::npos) << help;
    EXPECT_NE(text.find("--log-level"), std::string::npos) << help;
  }
}

TEST_F(TerminalProgram, ErrorsAreRedAndHarmlessAndNeverQuiet) {
  const Words words = {"run", (folder_ / "no\033[2J\nsuch.toml").string(), "--quiet"};
  const TerminalSession red = run_in_terminal(words, 120);
  EXPECT_EQ(red.status, 2);
  EXPECT_EQ(red.output.rfind("\033[31mmkdt:\033[0m ", 0), 0U) << red.output;
  EXPECT_FALSE(Screen(red.output, 1000).confused()) << red.output;
  EXPECT_NE(Screen(red.output, 1000).line_with("no?[2J?such.toml"), "") << red.output;
}

}  // namespace
}  // namespace mkdt::testing
