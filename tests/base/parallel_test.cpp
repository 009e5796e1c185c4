#include <atomic>
#include <stdexcept>
#include <vector>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "mkdt/base/threads.h"

namespace mkdt {
namespace {

TEST(Parallel, EveryIndexOnce) {
  Observer silent;
  for (const int threads : {1, 2, 5}) {
    at::set_num_threads(threads);
    for (const int64_t count : {0, 1, 3, 500}) {
      std::vector<std::atomic<int>> calls(static_cast<size_t>(count));
      for_each_image(
          count, [&](int64_t i) { ++calls[static_cast<size_t>(i)]; }, "task", silent);
      for (const auto& call : calls) EXPECT_EQ(call, 1);
    }
  }
}

TEST(Parallel, LowestFailureComesOut) {
  Observer silent;
  at::set_num_threads(4);
  for (int repeat = 0; repeat < 50; ++repeat) {
    try {
      for_each_image(
          200,
          [](int64_t i) {
            if (i >= 40 && i % 2 == 0) throw std::runtime_error(std::to_string(i));
          },
          "task", silent);
      FAIL();
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "40");
    }
  }
}

}  // namespace
}  // namespace mkdt
