// A run that is killed again and again ends as one that never was.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iterator>
#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/cli/survival_fixture.h"

namespace mkdt::testing {
namespace {

using Killed = SurvivalTest;

// Stages that take long enough to be hit every time.
constexpr const char* kLong[] = {"teacher", "embed",   "experts", "distill",
                                 "krr-st",  "mtt-ssl", "evaluate"};

TEST_F(Killed, AtRandomMomentsOfAllStagesItGoesOnToTheSameBits) {
  constexpr int kKills = 50;
  std::mt19937 random(20'24);
  std::map<std::string, int> kills;
  int count = 0;
  const auto enough = [&] {
    return count >= kKills && std::all_of(std::begin(kLong), std::end(kLong),
                                          [&](const char* stage) { return kills[stage] > 0; });
  };
  for (int round = 0; !enough(); ++round) {
    ASSERT_LT(round, 40) << count << " kills";
    const std::string run = "run" + std::to_string(round);
    for (bool ended = false; !ended && !enough();) {
      Process process = start(run);
      std::string stage;
      if (wait_for_a_moment(process, run, random, stage)) process.send(SIGKILL);
      const int status = process.wait();
      ended = status != -SIGKILL;
      if (ended) {
        ASSERT_EQ(status, 0) << read_text(errors());
      } else {
        ++kills[stage];
        ++count;
      }
    }
    ASSERT_EQ(start(run).wait(), 0) << read_text(errors());
    expect_as_reference(run);
    std::filesystem::remove_all(folder_ / run);
  }
  for (const auto& [stage, number] : kills)
    std::printf("killed in %s: %d\n", stage.c_str(), number);
}

}  // namespace
}  // namespace mkdt::testing
