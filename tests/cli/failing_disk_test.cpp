// A run on a disk that fails says which file and why, and goes on once there is space again.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/cli/survival_fixture.h"

namespace mkdt::testing {
namespace {

// Stages with enough writes to be hit every time.
constexpr const char* kLong[] = {"teacher", "distill", "krr-st", "mtt-ssl", "evaluate"};

class FailingDisk : public SurvivalTest {
 protected:
  // The preloaded library's settings for failing at `call` of those on `run`; 0 only counts.
  Environment failing(const std::string& run, long call, int error, bool once) const {
    Environment environment = {{"LD_PRELOAD", std::getenv("MKDT_FAILING_DISK")},
                               {"MKDT_FAIL_FOLDER", (folder_ / run).string()},
                               {"MKDT_FAIL_AT", std::to_string(call)},
                               {"MKDT_FAIL_ERRNO", std::to_string(error)},
                               {"MKDT_FAIL_REPORT", (folder_ / "calls").string()}};
    if (once) environment["MKDT_FAIL_ONCE"] = "1";
    return environment;
  }
  long calls() const { return std::stol(read_text(folder_ / "calls")); }

  // One line "mkdt: …" at the end that names a file below the folder and the reason, and no other.
  void expect_clear_error(int status, const std::string& run, int error,
                          const std::string& where) const {
    std::string said = read_text(errors());
    const std::string all =
        where + "\n" + said.substr(said.size() - std::min<size_t>(said.size(), 600));
    EXPECT_EQ(status, 2) << all;
    while (!said.empty() && said.back() == '\n') said.pop_back();
    const size_t begin = said.rfind('\n') + 1;
    const std::string last = said.substr(begin);
    EXPECT_EQ(last.rfind("mkdt: ", 0), 0U) << all;
    EXPECT_EQ(last.find("internal error"), std::string::npos) << all;
    EXPECT_NE(last.find((folder_ / run).string()), std::string::npos) << all;
    EXPECT_NE(last.find(std::strerror(error)), std::string::npos) << all;
    EXPECT_EQ(said.rfind("\nmkdt: ", begin - 2), std::string::npos) << all;
  }
};

TEST_F(FailingDisk, AnErrorAtAnyWriteIsClearAndTheRunGoesOn) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the address sanitizer wants to be the first library";
#endif
  ASSERT_NE(std::getenv("MKDT_FAILING_DISK"), nullptr);
  ASSERT_EQ(start("counted", failing("counted", 0, 0, false)).wait(), 0) << read_text(errors());
  const long all = calls();
  EXPECT_GT(all, 500);
  expect_as_reference("counted");

  constexpr int kFailures = 50;
  const int errors_of_disks[] = {ENOSPC, EIO, EROFS};
  std::mt19937 random(20'25);
  std::map<std::string, int> failures;
  int count = 0;
  const auto enough = [&] {
    return count >= kFailures &&
           std::all_of(std::begin(kLong), std::end(kLong),
                       [&](const char* stage) { return failures[stage] > 0; });
  };
  for (int round = 0; !enough(); ++round) {
    ASSERT_LT(round, 40) << count << " failures";
    const std::string run = "run" + std::to_string(round);
    for (bool ended = false; !ended && !enough();) {
      // Each goes a sixteenth of the way further on average.
      const long call = 1 + static_cast<long>(random() % static_cast<unsigned long>(all / 8));
      const int error = errors_of_disks[random() % 3];
      const bool once = random() % 2 == 0;
      const int status = start(run, failing(run, call, error, once)).wait();
      ended = calls() < call;
      if (ended) {
        EXPECT_EQ(status, 0) << read_text(errors());
        continue;
      }
      // What is for watching alone is given up, and the run goes on.
      const bool live = read_text(folder_ / "calls").find("/" + run + "/live") != std::string::npos;
      if (live && status == 0) {
        ended = true;
        continue;
      }
      ++count;
      ++failures[survival_stages()[std::min(unfinished(run), survival_stages().size() - 1)]];
      expect_clear_error(status, run, error,
                         std::strerror(error) + std::string(once ? " once, call " : " from call ") +
                             read_text(folder_ / "calls"));
    }
    EXPECT_EQ(start(run).wait(), 0) << read_text(errors());
    expect_as_reference(run);
    std::filesystem::remove_all(folder_ / run);
  }
  for (const auto& [stage, number] : failures) {
    std::printf("failed in %s: %d\n", stage.c_str(), number);
  }
}

}  // namespace
}  // namespace mkdt::testing
