#include <cstring>
#include <sys/mman.h>

#include <gtest/gtest.h>

#include "mkdt/base/machine.h"
#include "mkdt/base/timing.h"

namespace mkdt {
namespace {

constexpr size_t kBytes = size_t{64} << 20;

void touch_memory() {
  void* const block =
      mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(block, MAP_FAILED);
  std::memset(block, 1, kBytes);
  munmap(block, kBytes);
}

TEST(PeakMemory, SeesWhatWasThereForAMomentAndForgetsItWithTheNextMeter) {
  const PeakMemory first;
  const int64_t before = first.bytes();
  EXPECT_GT(before, 0);
  touch_memory();
  EXPECT_GE(first.bytes(), before + static_cast<int64_t>(kBytes) - (1 << 20));
  if (!first.exact()) GTEST_SKIP() << "this system does not let the mark be reset";
  const PeakMemory second;
  EXPECT_LT(second.bytes(), before + static_cast<int64_t>(kBytes) / 2);
}

TEST(StepTime, TheMedianIsTheMiddle) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({3}), 3);
  EXPECT_EQ(median({9, 1, 2}), 2);
  EXPECT_EQ(median({8, 1, 2, 3}), 2.5);
}

TEST(StepTime, TriesOnceMoreThanItMeasures) {
  int times = 0;
  EXPECT_EQ(seconds_of(3, torch::kCPU, [&] { ++times; }).size(), 3U);
  EXPECT_EQ(times, 3);
  EXPECT_GE(typical_seconds([&] { ++times; }, 0), 0);
  EXPECT_EQ(times, 6);
}

}  // namespace
}  // namespace mkdt
