// A run that is asked to stop: the step is finished, the state kept, and said how to go on.
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/cli/survival_fixture.h"

namespace mkdt::testing {
namespace {

constexpr double kMostSeconds = 5;  // from the signal to the end

class Signals : public SurvivalTest {
 protected:
  // What was said at the end of a run that stopped on request.
  void expect_how_to_go_on(const std::string& run) const {
    const std::string said = read_text(errors());
    EXPECT_NE(said.find("continue with: mkdt run " + (folder_ / "tiny.toml").string()),
              std::string::npos)
        << said;
    EXPECT_NE(said.find((folder_ / run).string()), std::string::npos) << said;
    EXPECT_EQ(said.find("internal error"), std::string::npos) << said;
    expect_no_temporary_file(run);
  }
};

TEST_F(Signals, AtRandomMomentsStopItAndItGoesOnToTheSameBits) {
  constexpr int kSignals = 16;
  std::mt19937 random(20'26);
  int count = 0;
  for (int round = 0; count < kSignals; ++round) {
    ASSERT_LT(round, 20);
    const std::string run = "run" + std::to_string(round);
    for (bool ended = false; !ended && count < kSignals;) {
      constexpr std::array<int, 3> kWays = {SIGINT, SIGTERM, SIGHUP};
      const int signal = kWays[random() % kWays.size()];
      Process process = start(run);
      std::string stage;
      if (wait_for_a_moment(process, run, random, stage)) process.send(signal);
      const auto sent = std::chrono::steady_clock::now();
      const int status = process.wait();
      const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - sent;
      EXPECT_LT(waited.count(), kMostSeconds) << stage;
      ended = status == 0;  // the signal came after the last step
      if (ended) continue;
      ++count;
      EXPECT_EQ(status, 128 + signal) << stage << ": " << read_text(errors());
      expect_how_to_go_on(run);
    }
    ASSERT_EQ(start(run).wait(), 0) << read_text(errors());
    expect_as_reference(run);
    std::filesystem::remove_all(folder_ / run);
  }
}

// The first asks, the second does not wait for the end of the step.
TEST_F(Signals, ASecondOneQuitsAtOnceAndLosesNothingOlder) {
  std::mt19937 random(20'27);
  for (int i = 0; i < 5; ++i) {
    Process process = start("run");
    std::string stage;
    if (wait_for_a_moment(process, "run", random, stage)) {
      process.send(SIGINT);
      process.wait_until(
          [&] { return read_text(errors()).find("once more to quit") != std::string::npos; });
      process.send(SIGINT);
    }
    // Killed, or it had come to the end of its step, or to its end, before.
    const int status = process.wait();
    EXPECT_TRUE(status == -SIGINT || status == 130 || status == 0) << status << " in " << stage;
  }
  ASSERT_EQ(start("run").wait(), 0) << read_text(errors());
  expect_as_reference("run");
}

// A plan has nothing to go on with.
TEST_F(Signals, AStoppedPlanSaysThatNothingIsKept) {
  int status = 0;
  for (int i = 1; i <= 30 && status == 0; ++i) {
    Process process({"plan", (folder_ / "tiny.toml").string(), "--out", (folder_ / "run").string(),
                     "--set", "data.shapes_train=5000"},
                    errors());
    process.wait_for(0.1 * i);
    process.send(SIGINT);
    status = process.wait();
    if (status == -SIGINT) status = 0;  // it had not begun to listen
  }
  ASSERT_EQ(status, 130) << read_text(errors());
  const std::string said = read_text(errors());
  EXPECT_NE(said.find("stopped; nothing was written, begin again with: mkdt plan "),
            std::string::npos)
      << said;
  EXPECT_EQ(said.find("is kept"), std::string::npos) << said;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "run"));
}

}  // namespace
}  // namespace mkdt::testing
