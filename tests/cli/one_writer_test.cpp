// One run folder, one writer.
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/cli/survival_fixture.h"

namespace mkdt::testing {
namespace {

class OneWriter : public SurvivalTest {
 protected:
  static std::string host() {
    char name[256] = "";
    ::gethostname(name, sizeof(name) - 1);
    return name;
  }
  bool begun(const std::string& run) const {
    return log(run).find("\"message\":\"teacher: ") != std::string::npos;
  }
};

TEST_F(OneWriter, TheSecondProcessRefusesWithPidAndHost) {
  Process first = start("run");
  ASSERT_TRUE(first.wait_until([&] { return begun("run"); }));
  first.send(SIGSTOP);  // so that it is not finished before the others have looked
  const std::string holder = "in use by process " + std::to_string(first.id()) + " on " + host();
  for (const char* command : {"run", "teacher", "compare"}) {
    const std::string before = log("run");
    EXPECT_EQ(start("run", {}, command).wait(), 2) << command;
    const std::string said = read_text(errors());
    EXPECT_EQ(said.rfind("mkdt: ", 0), 0U) << command << ": " << said;
    EXPECT_NE(said.find((folder_ / "run").string()), std::string::npos) << said;
    EXPECT_NE(said.find(holder), std::string::npos) << said;
    EXPECT_EQ(log("run"), before) << command;
  }
  first.send(SIGCONT);
  EXPECT_EQ(first.wait(), 0);
  expect_as_reference("run");
}

TEST_F(OneWriter, OfTwoThatStartAtOnceOneDoesTheWork) {
  for (int round = 0; round < 3; ++round) {
    const std::string run = "run" + std::to_string(round);
    Process one = start(run), other = start(run);
    const int first = one.wait(), second = other.wait();
    EXPECT_EQ(std::min(first, second), 0);
    EXPECT_EQ(std::max(first, second), 2);
    expect_as_reference(run);
  }
}

// Killed, it removes no lock: the next one finds that the holder is no more.
TEST_F(OneWriter, TheLockOfADeadProcessDoesNotCount) {
  Process first = start("run");
  ASSERT_TRUE(first.wait_until([&] { return begun("run"); }));
  first.send(SIGKILL);
  ASSERT_EQ(first.wait(), -SIGKILL);
  EXPECT_EQ(start("run").wait(), 0) << read_text(errors());
  expect_as_reference("run");
}

// A file server without its lock daemon: nobody is said to be in the folder.
TEST_F(OneWriter, ALockThatCannotBeHadIsNotTakenForAnotherProcess) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the address sanitizer wants to be the first library";
#endif
  ASSERT_NE(std::getenv("MKDT_FAILING_DISK"), nullptr);
  std::string failed;
  for (int call = 1; call < 10 && failed.find("flock ") == std::string::npos; ++call) {
    std::filesystem::remove_all(folder_ / "run");
    const Environment environment = {{"LD_PRELOAD", std::getenv("MKDT_FAILING_DISK")},
                                     {"MKDT_FAIL_FOLDER", (folder_ / "run").string()},
                                     {"MKDT_FAIL_AT", std::to_string(call)},
                                     {"MKDT_FAIL_ERRNO", std::to_string(EIO)},
                                     {"MKDT_FAIL_REPORT", (folder_ / "calls").string()}};
    EXPECT_EQ(start("run", environment).wait(), 2);
    failed = read_text(folder_ / "calls");
  }
  ASSERT_NE(failed.find("flock "), std::string::npos) << failed;
  const std::string said = read_text(errors());
  EXPECT_NE(said.find("run/lock.json: cannot lock: Input/output error; "), std::string::npos)
      << said;
  EXPECT_EQ(said.find("in use"), std::string::npos) << said;
  EXPECT_EQ(start("run", {}, "teacher").wait(), 0) << read_text(errors());
}

}  // namespace
}  // namespace mkdt::testing
