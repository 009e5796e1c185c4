#include <thread>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include "mkdt/base/threads.h"
#include "tests/fixtures/thread_count.h"

namespace mkdt {
namespace {

// Of a thread that has run nothing yet, in which libtorch's first operator sets its own number.
TEST(ThreadsOfOperators, HoldFromAThreadsFirstOperatorOn) {
  const testing::ThreadCount four(4);
  int at_first = 0, after_ours = 0, after_libtorchs = 0, afterwards = 0;
  std::thread([&] {
    {
      const ThreadsOfOperators one(1);
      at_first = at::get_num_threads();
      at::parallel_for(0, 1000, 1, [](int64_t, int64_t) {});
      after_ours = at::get_num_threads();
      torch::ones({500, 500}).mul_(2).sum();
      after_libtorchs = at::get_num_threads();
    }
    afterwards = at::get_num_threads();
  }).join();
  EXPECT_EQ(at_first, 1);
  EXPECT_EQ(after_ours, 1);
  EXPECT_EQ(after_libtorchs, 1);
  EXPECT_EQ(afterwards, 4);
}

}  // namespace
}  // namespace mkdt
