#include <atomic>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "mkdt/base/threads.h"
#include "tests/fixtures/thread_count.h"
#include "tests/fixtures/thread_limit.h"

namespace mkdt {
namespace {

using testing::ThreadCount;
using testing::ThreadLimit;

TEST(ThreadShortage, ThoseThatRunDoTheWork) {
  Observer silent;
  const ThreadCount threads(5);
  for (const int left : {0, 1, 3}) {
    std::vector<std::atomic<int>> calls(500);
    const ThreadLimit limit(left);
    for_each_image(
        500, [&](int64_t i) { ++calls[static_cast<size_t>(i)]; }, "task", silent);
    EXPECT_EQ(limit.refused(), 1) << left;  // the first that fails is not tried again
    for (const auto& call : calls) EXPECT_EQ(call, 1);
  }
}

TEST(ThreadShortage, AFailureComesOutOfThoseThatRun) {
  Observer silent;
  const ThreadCount threads(4);
  const ThreadLimit limit(1);
  const auto fail_from_40 = [](int64_t i) {
    if (i >= 40) throw std::runtime_error(std::to_string(i));
  };
  try {
    for_each_image(200, fail_from_40, "task", silent);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "40");
  }
}

// An observer that fails while the threads are in their work.
TEST(ThreadShortage, ThreadsAreJoinedWhenTheObserverThrows) {
  class Failing : public Observer {
    void advance(int64_t /*done*/, const std::string& /*note*/) override {
      throw std::runtime_error("disk full");
    }
  };
  Failing failing;
  const ThreadCount threads(4);
  std::atomic<int> at_work{0};
  std::atomic<int64_t> calls{0};
  const auto work = [&](int64_t) {
    ++at_work;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ++calls;
    --at_work;
  };
  EXPECT_THROW(for_each_image(100'000, work, "task", failing), std::runtime_error);
  EXPECT_EQ(at_work, 0);
  EXPECT_LT(calls, 100'000);  // nobody went on to the end
}

TEST(ThreadShortage, TwoComputationsRunOneAfterTheOtherWithTheThreadsThatTheyWouldHaveHad) {
  const ThreadCount threads(5);
  SideBySide side_by_side;
  std::string order;
  std::set<std::thread::id> on;
  const auto work = [&](const char* name) {
    return [&, name] {
      order += name + std::to_string(at::get_num_threads());
      on.insert(std::this_thread::get_id());
    };
  };
  {
    const ThreadLimit limit(0);
    side_by_side.run(work("a"), work("b"));
    EXPECT_EQ(limit.refused(), 1);
  }
  EXPECT_EQ(order, "a3b2");
  EXPECT_EQ(on, std::set<std::thread::id>{std::this_thread::get_id()});
  EXPECT_EQ(at::get_num_threads(), 5);

  std::thread::id second;
  side_by_side.run([] {}, [&] { second = std::this_thread::get_id(); });
  EXPECT_NE(second, std::this_thread::get_id());  // there are threads again
}

}  // namespace
}  // namespace mkdt
