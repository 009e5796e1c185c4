#include <thread>

#include <gtest/gtest.h>

#include "mkdt/base/timing.h"

namespace mkdt {
namespace {

using std::chrono::milliseconds;

TEST(ProgressRate, CountsFromTheBeginningWhereTheFirstUnitIsReported) {
  ProgressRate rate;
  EXPECT_EQ(rate.per_second(), 0);
  std::this_thread::sleep_for(milliseconds(50));
  rate.advance(1);
  EXPECT_GT(rate.per_second(), 0);
  EXPECT_LE(rate.per_second(), 1 / 0.05);
  EXPECT_GE(rate.seconds(), 0.05);
}

TEST(ProgressRate, LeavesOutWhatWasDoneBefore) {
  ProgressRate rate;
  rate.advance(900);
  EXPECT_EQ(rate.per_second(), 0);
  std::this_thread::sleep_for(milliseconds(50));
  rate.advance(902);
  EXPECT_GT(rate.per_second(), 0);
  EXPECT_LE(rate.per_second(), 2 / 0.05);
}

}  // namespace
}  // namespace mkdt
