// What TerminalObserver shows, on a terminal and in a file.
#include "cli/terminal_observer.h"

#include <chrono>
#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>

#include "mkdt/io/durable_file.h"
#include "tests/cli/pseudo_terminal.h"
#include "tests/cli/screen.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt::cli {
namespace {

using testing::PseudoTerminal;
using testing::Screen;
using Lines = std::vector<std::string>;

class TerminalObserverTest : public ::testing::Test {
 protected:
  TerminalObserverTest() {
    ::setenv("TERM", "xterm", 1);
    ::setenv("LC_ALL", "C.UTF-8", 1);
    ::unsetenv("NO_COLOR");
  }
  ~TerminalObserverTest() override { ::unsetenv("NO_COLOR"); }

  // Long enough for the line to be drawn again.
  static void wait() { std::this_thread::sleep_for(std::chrono::milliseconds(110)); }

  static void work(Observer& observer, int64_t steps, const std::string& task = "distill") {
    observer.begin(task, steps, "iterations");
    for (int64_t step = 1; step <= steps; ++step) {
      if (step == steps) wait();
      observer.metric(task + "/syn_lr", step, 0.1);
      observer.metric(task + "/matching_loss", step, 1.0 / static_cast<double>(step));
      observer.advance(step, "J " + std::string(100, '5'));
    }
  }

  // What `act` lets an observer write to a file.
  template <typename Act>
  static std::string in_file(const Verbosity& verbosity, const Act& act) {
    const testing::TemporaryFolder folder;
    std::FILE* file = std::fopen((folder / "said").c_str(), "w");
    {
      TerminalObserver observer(file, verbosity);
      act(observer);
    }
    std::fclose(file);
    return read_text(folder / "said");
  }
};

TEST_F(TerminalObserverTest, OneLineIsRedrawnAndLeavesARow) {
  for (const unsigned short width : {60, 120}) {
    PseudoTerminal terminal(width);
    TerminalObserver observer(terminal.stream(), {});
    work(observer, 100);
    const std::string so_far = terminal.read();
    const Screen during(so_far, width);
    ASSERT_EQ(during.lines().size(), 1U);
    EXPECT_EQ(during.lines()[0].rfind("distill  100 %", 0), 0U) << during.lines()[0];
    EXPECT_LT(during.cursor(), width);
    observer.end();
    const std::string all = so_far + terminal.read();
    const Screen screen(all, width);
    ASSERT_EQ(screen.lines().size(), 2U) << all;
    EXPECT_EQ(screen.lines()[0].rfind("✓ distill", 0), 0U) << screen.lines()[0];
    EXPECT_NE(screen.lines()[0].find("loss 0.01"), std::string::npos) << screen.lines()[0];
    EXPECT_NE(screen.lines()[0].find("█▂▁"), std::string::npos) << screen.lines()[0];
    EXPECT_FALSE(screen.wrapped()) << all;
    EXPECT_FALSE(screen.confused()) << all;
    EXPECT_GT(screen.coloured(), 0);
  }
}

TEST_F(TerminalObserverTest, TheLineFitsAfterResizing) {
  PseudoTerminal terminal(120);
  TerminalObserver observer(terminal.stream(), {});
  work(observer, 100);
  const std::string wide = terminal.read();
  EXPECT_FALSE(Screen(wide, 120).wrapped());
  EXPECT_TRUE(Screen(wide, 60).wrapped());
  terminal.resize(60);
  wait();
  observer.advance(100, std::string(200, 'x'));
  const std::string narrow = terminal.read();
  EXPECT_NE(narrow, "");
  EXPECT_FALSE(Screen(narrow, 60).wrapped()) << narrow;
}

TEST_F(TerminalObserverTest, AnErrorLeavesTheLineAsItIs) {
  PseudoTerminal terminal(80);
  {
    TerminalObserver observer(terminal.stream(), {});
    work(observer, 100);
    observer.advance(50, "");  // too soon to be drawn, and still what is left in the end
  }
  const Screen screen(terminal.read(), 80);
  ASSERT_EQ(screen.lines().size(), 2U);
  EXPECT_EQ(screen.lines()[0].rfind("distill   50 %", 0), 0U) << screen.lines()[0];
  EXPECT_EQ(screen.lines()[1], "");
  EXPECT_EQ(screen.cursor(), 0U);
}

TEST_F(TerminalObserverTest, MessagesStandAboveTheLineAndAreWrapped) {
  PseudoTerminal terminal(20);
  TerminalObserver observer(terminal.stream(), {});
  observer.begin("distill", 10, "iterations");
  observer.info("goes on from the iteration before");
  observer.warn("it is slow");
  wait();
  observer.advance(1, "");
  const std::string all = terminal.read();
  const Screen screen(all, 20);
  EXPECT_EQ(screen.lines(), (Lines{"  goes on from the", "  iteration before", "  warning: it is",
                                   "  slow", "distill   10 %"}))
      << all;
}

TEST_F(TerminalObserverTest, WhatTakesNoTimeAndHasNoLossLeavesNothing) {
  PseudoTerminal terminal(80);
  TerminalObserver observer(terminal.stream(), {});
  observer.begin("embed shapes", 10, "images");
  observer.advance(10, "");
  observer.end();
  const std::string all = terminal.read();
  EXPECT_NE(all.find("embed shapes"), std::string::npos);
  EXPECT_EQ(Screen(all, 80).lines(), Lines{""});
}

TEST_F(TerminalObserverTest, OnlyTheLossOfTheTaskCounts) {
  PseudoTerminal terminal(80);
  TerminalObserver observer(terminal.stream(), {});
  observer.metric("distill/matching_loss", 1, 5);  // before the task
  observer.begin("distill", 3, "iterations");
  for (int i = 1; i <= 3; ++i) {
    observer.metric("distill/lossless", i, 7);
    observer.metric("evaluate/random/representation_loss", i, 8);
    observer.metric("distill/matching_loss", i, i * 0.25);
    observer.metric("distill/other_loss", i, 9);
    observer.advance(i, "");
  }
  observer.end();
  const std::string row = Screen(terminal.read(), 80).lines()[0];
  EXPECT_NE(row.find("loss 0.75     ▁▅█"), std::string::npos) << row;
}

TEST_F(TerminalObserverTest, HostileTextsDoNotMoveTheCursor) {
  const std::string hostile = "a\nb\033[2J\u009b1A\r\b" + std::string(10'000, 'x');
  for (const unsigned short width : {60, 120}) {
    PseudoTerminal terminal(width);
    TerminalObserver observer(terminal.stream(), {});
    observer.begin(hostile, 10, hostile);
    wait();
    observer.advance(5, hostile);
    const std::string line = terminal.read();
    EXPECT_EQ(Screen(line, width).lines().size(), 1U) << line;
    EXPECT_FALSE(Screen(line, width).confused()) << line;
    observer.info(hostile);
    observer.warn(hostile);
    observer.metric(hostile, 1, 0.5);
    observer.advance(10, hostile);
    observer.end();
    const std::string rest = terminal.read();
    EXPECT_FALSE(Screen(rest, width).confused()) << rest;
    EXPECT_LT(rest.size(), 6000U);
  }
}

TEST_F(TerminalObserverTest, AFileHasPlainLines) {
  const std::string said = in_file({}, [](Observer& observer) {
    observer.info("distill: goes on from iteration 3");
    observer.begin("distill", 10, "iterations");
    for (int i = 1; i <= 10; ++i) {
      observer.metric("distill/matching_loss", i, i);
      observer.advance(i, "J 0.5");
    }
    observer.end();
    observer.begin("probe", 1, "sets");
    observer.advance(1, "");
    observer.end();
    observer.warn("a\nb\033[2J");
  });
  EXPECT_EQ(said,
            "distill: goes on from iteration 3\n"
            "distill: 10/10 iterations in 0 s, J 0.5\n"
            "probe: 1/1 sets in 0 s\n"
            "warning: a?b?[2J\n");
}

TEST_F(TerminalObserverTest, NoColorIsRespected) {
  const auto shown = [](const char* no_color) {
    ::setenv("NO_COLOR", no_color, 1);
    PseudoTerminal terminal(80);
    TerminalObserver observer(terminal.stream(), {});
    work(observer, 10);
    observer.warn("it is slow");
    observer.end();
    return Screen(terminal.read(), 80);
  };
  EXPECT_GT(shown("").coloured(), 0);  // empty is as if unset
  EXPECT_EQ(shown("1").coloured(), 0);
  EXPECT_EQ(shown("1").lines()[1].rfind("✓ distill", 0), 0U);
}

TEST_F(TerminalObserverTest, ADumbTerminalIsLikeAFile) {
  ::setenv("TERM", "dumb", 1);
  PseudoTerminal terminal(80);
  TerminalObserver observer(terminal.stream(), {});
  work(observer, 10, "teacher");
  observer.end();
  const std::string all = terminal.read();
  EXPECT_EQ(all.rfind("teacher: 10/10 iterations in 0 s, J 5", 0), 0U) << all;
  EXPECT_EQ(all.find('\033'), std::string::npos) << all;
  EXPECT_EQ(all.find('\r'), all.size() - 2) << all;  // the terminal's own, before the newline
}

TEST_F(TerminalObserverTest, OtherLocalesHaveAsciiSparklines) {
  ::setenv("LC_ALL", "C", 1);
  PseudoTerminal terminal(80);
  TerminalObserver observer(terminal.stream(), {});
  work(observer, 10);
  observer.end();
  const std::string row = Screen(terminal.read(), 80).lines()[0];
  EXPECT_EQ(row.rfind("+ distill", 0), 0U) << row;
  EXPECT_NE(row.find("#-:._"), std::string::npos) << row;
}

TEST_F(TerminalObserverTest, LevelsLeaveOutWhatMattersLess) {
  const auto said = [](LogLevel level, bool quiet) {
    return in_file({level, quiet}, [](Observer& observer) {
      observer.begin("distill", 1, "iterations");
      observer.metric("distill/matching_loss", 1, 0.53125);
      observer.advance(1, "");
      observer.end();
      observer.info("of interest");
      observer.warn("it is slow");
    });
  };
  const std::string debug = "distill/matching_loss 1 0.53125\n";
  const std::string info = "distill: 1/1 iterations in 0 s\nof interest\n";
  const std::string warning = "warning: it is slow\n";
  EXPECT_EQ(said(LogLevel::kDebug, false), debug + info + warning);
  EXPECT_EQ(said(LogLevel::kInfo, false), info + warning);
  EXPECT_EQ(said(LogLevel::kWarning, false), warning);
  EXPECT_EQ(said(LogLevel::kError, false), "");
  EXPECT_EQ(said(LogLevel::kDebug, true), warning);
  EXPECT_EQ(said(LogLevel::kInfo, true), warning);
  EXPECT_EQ(said(LogLevel::kError, true), "");
}

TEST_F(TerminalObserverTest, QuietHoldsOnATerminalToo) {
  PseudoTerminal terminal(80);
  TerminalObserver observer(terminal.stream(), {LogLevel::kInfo, /*quiet=*/true});
  work(observer, 10);
  observer.end();
  observer.info("of interest");
  EXPECT_EQ(terminal.read(), "");
}

}  // namespace
}  // namespace mkdt::cli
