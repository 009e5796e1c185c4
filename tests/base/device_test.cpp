#include "mkdt/base/device.h"

#include <gtest/gtest.h>

#include "tests/fixtures/test_device.h"

namespace mkdt {
namespace {

TEST(Device, TheProcessorHasNothingToWaitForAndNoMemoryOfADevice) {
  synchronise(torch::kCPU);
  reset_peak_device_memory(torch::kCPU);
  release_device_memory(torch::kCPU);
  EXPECT_FALSE(peak_device_memory(torch::kCPU).has_value());
}

TEST(Device, ThePeakIsOfWhatWasThereAtOnce) {
  const torch::Device device = testing::test_device();
  if (device.is_cpu()) GTEST_SKIP() << "MKDT_TEST_DEVICE names no GPU";
  constexpr int64_t kBytes = 64 << 20;
  const auto take = [&] { torch::zeros({kBytes}, torch::dtype(torch::kUInt8).device(device)); };
  take();
  synchronise(device);
  const std::optional<int64_t> peak = peak_device_memory(device);
  if (!peak) GTEST_SKIP() << "this libtorch does not say";
  EXPECT_GE(*peak, kBytes);
  release_device_memory(device);
  reset_peak_device_memory(device);
  EXPECT_LT(*peak_device_memory(device), kBytes);
  take();
  take();
  EXPECT_LT(*peak_device_memory(device), 2 * kBytes);
}

}  // namespace
}  // namespace mkdt
