#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "mkdt/base/threads.h"
#include "tests/fixtures/thread_count.h"

namespace mkdt {
namespace {

using testing::ThreadCount;

TEST(SideBySide, BothRunAtTheSameTimeWithHalfOfTheThreadsEach) {
  for (const int threads : {2, 3, 5}) {
    const ThreadCount count(threads);
    std::atomic<int> arrived{0};
    const auto meet = [&] {
      ++arrived;
      while (arrived < 2) std::this_thread::yield();
    };
    int first = 0, second = 0;
    SideBySide side_by_side;
    side_by_side.run(
        [&] {
          meet();
          first = at::get_num_threads();
        },
        [&] {
          meet();
          second = at::get_num_threads();
        });
    EXPECT_EQ(first, (threads + 1) / 2);
    EXPECT_EQ(second, threads / 2);
    EXPECT_EQ(at::get_num_threads(), threads);
  }
}

TEST(SideBySide, WithOneThreadTheyRunOneAfterTheOther) {
  const ThreadCount count(1);
  std::string order;
  SideBySide side_by_side;
  for (int i = 0; i < 2; ++i) side_by_side.run([&] { order += "a"; }, [&] { order += "b"; });
  EXPECT_EQ(order, "abab");
}

TEST(SideBySide, BothSeeTheCallersGradientMode) {
  const ThreadCount count(2);
  SideBySide side_by_side;
  for (const bool tracked : {true, false}) {
    const at::AutoGradMode mode(tracked);
    bool first = !tracked, second = !tracked;
    side_by_side.run([&] { first = at::GradMode::is_enabled(); },
                     [&] { second = at::GradMode::is_enabled(); });
    EXPECT_EQ(first, tracked);
    EXPECT_EQ(second, tracked);
  }
}

TEST(SideBySide, ThrowsWhatEitherThrowsAndGoesOnAfterwards) {
  const ThreadCount count(2);
  SideBySide side_by_side;
  const auto fail = [](const char* why) { return [why] { throw std::runtime_error(why); }; };
  const auto nothing = [] {};
  const auto thrown = [&](const std::function<void()>& first, const std::function<void()>& second) {
    try {
      side_by_side.run(first, second);
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(thrown(fail("first"), nothing), "first");
  EXPECT_EQ(thrown(nothing, fail("second")), "second");
  EXPECT_EQ(thrown(fail("first"), fail("second")), "first");
  EXPECT_EQ(thrown(nothing, nothing), "");
  EXPECT_EQ(at::get_num_threads(), 2);
}

}  // namespace
}  // namespace mkdt
