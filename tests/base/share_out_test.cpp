#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "mkdt/base/threads.h"
#include "tests/fixtures/thread_count.h"

namespace mkdt {
namespace {

using testing::ThreadCount;

TEST(ShareOut, EveryShareIsDoneOnceByOneOfTheThreads) {
  for (const int threads : {1, 2, 3}) {
    const ThreadCount count(threads);
    const int64_t most = sharing_threads(7);
    std::vector<std::atomic<int>> done(7);
    share_out(7, [&](int64_t share, int64_t thread) {
      ++done[static_cast<size_t>(share)];
      EXPECT_GE(thread, 0);
      EXPECT_LT(thread, most);
    });
    for (const auto& times : done) EXPECT_EQ(times, 1);
  }
}

TEST(ShareOut, NoMoreThreadsThanShares) {
  const ThreadCount count(3);
  EXPECT_EQ(sharing_threads(2), 2);
  EXPECT_EQ(sharing_threads(8), 3);
}

// What a busy neighbour does to a thread: the others take its shares.
TEST(ShareOut, AThreadThatIsHeldUpTakesFewerShares) {
  const ThreadCount count(2);
  std::vector<std::atomic<int>> done(2);
  share_out(10, [&](int64_t share, int64_t thread) {
    const int pause = share == 0 ? 200 : 1;
    std::this_thread::sleep_for(std::chrono::milliseconds(pause));
    ++done[static_cast<size_t>(thread)];
  });
  EXPECT_EQ(done[0] + done[1], 10);
  EXPECT_EQ(std::min(done[0], done[1]), 1);
}

TEST(ShareOut, OperatorsInsideKeepToTheirThreadAndTrackNoGradient) {
  const ThreadCount count(2);
  const torch::Tensor x = torch::ones({2}).requires_grad_();
  share_out(4, [&](int64_t, int64_t) {
    EXPECT_EQ(at::get_num_threads(), 1);
    EXPECT_FALSE((x * 2).requires_grad());
  });
  EXPECT_EQ(at::get_num_threads(), 2);
  EXPECT_TRUE((x * 2).requires_grad());
}

TEST(ShareOut, WhatAShareThrowsComesOut) {
  for (const int threads : {1, 2}) {
    const ThreadCount count(threads);
    EXPECT_THROW(share_out(4,
                           [](int64_t share, int64_t) {
                             if (share == 2) throw std::runtime_error("no");
                           }),
                 std::runtime_error);
    EXPECT_EQ(at::get_num_threads(), threads);
  }
}

}  // namespace
}  // namespace mkdt
