// How the program fares on cores that it does not have to itself. Two threads on one core are what
// a busy neighbour makes of two cores at its worst, and need no neighbour to be measured.
#include <algorithm>
#include <sched.h>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/busy_loops.h"
#include "tests/cli/program.h"

namespace mkdt::testing {
namespace {

// This process, and the programs that it starts, on the first core that it may use.
class OneCore {
 public:
  OneCore() {
    sched_getaffinity(0, sizeof(before_), &before_);
    cpu_set_t first;
    CPU_ZERO(&first);
    int core = 0;
    while (core < CPU_SETSIZE && !CPU_ISSET(core, &before_)) ++core;
    CPU_SET(core, &first);
    sched_setaffinity(0, sizeof(first), &first);
  }
  ~OneCore() { sched_setaffinity(0, sizeof(before_), &before_); }
  OneCore(const OneCore&) = delete;
  OneCore& operator=(const OneCore&) = delete;

 private:
  cpu_set_t before_;
};

nlohmann::json bench(const std::string& arguments) {
  const ProgramResult result = run_program("bench " + arguments);
  if (result.status != 0) throw std::runtime_error(result.err);
  return nlohmann::json::parse(result.out);
}

double least_seconds(const std::string& what, const std::string& seconds, int threads) {
  return bench(what + " --threads " + std::to_string(threads)).at(seconds).at("min").get<double>();
}

// The best of three, since the core may be lent to somebody else meanwhile.
double rate_of_two_threads(const std::string& what, const std::string& seconds) {
  const OneCore core;
  double best = 0;
  for (int i = 0; i < 3 && best < 0.8; ++i) {
    const double one = least_seconds(what, seconds, 1);
    best = std::max(best, one / least_seconds(what, seconds, 2));
  }
  return best;
}

TEST(SharedCores, TwoThreadsOnOneCoreAreNearlyAsFastAsOne) {
  EXPECT_GE(rate_of_two_threads("teacher-step --width 8 --image-size 16 --batch 64 "
                                "--projector-dim 64 --precision bfloat16",
                                "seconds_per_step"),
            0.8);
  EXPECT_GE(rate_of_two_threads("meta-gradient --engine native --width 32 --targets 64 "
                                "--image-size 16 --batch 30 --steps 15",
                                "seconds_per_step"),
            0.8);
  EXPECT_GE(rate_of_two_threads("meta-gradient --engine autograd --width 32 --targets 64 "
                                "--image-size 16 --batch 30 --steps 5",
                                "seconds_per_step"),
            0.8);
}

TEST(SharedCores, ABenchmarkBesideBusyLoopsSaysSoAndLeavesNoneBehind) {
  const auto found = bench(
      "train-step --width 8 --depth 1 --image-size 16 --batch 8 --targets 4 --repeats 3 --beside "
      "2");
  EXPECT_EQ(found.at("beside").at("busy_loops"), 2);
  EXPECT_GT(found.at("beside").at("rate").get<double>(), 0);
  EXPECT_GT(found.at("beside").at("seconds").at("median").get<double>(), 0);
  const auto quiet =
      bench("train-step --width 8 --depth 1 --image-size 16 --batch 8 --targets 4 --repeats 1");
  EXPECT_FALSE(quiet.contains("beside"));
  EXPECT_NE(run_program("bench train-step --beside -1").status, 0);
}

// Processor time of this process's children so far.
double children_seconds() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + usage.ru_utime.tv_usec * 1e-6;
}

TEST(BusyLoops, RunOnlyWhenToldAndEndWithTheObject) {
  const double before = children_seconds();
  {
    const cli::BusyLoops loops(1);
    usleep(100'000);
    loops.rest();
  }
  const double at_rest = children_seconds();
  EXPECT_LT(at_rest - before, 0.05);
  {
    const cli::BusyLoops loops(1);
    loops.run();
    usleep(300'000);
  }
  EXPECT_GT(children_seconds() - at_rest, 0.05);
}

}  // namespace
}  // namespace mkdt::testing
