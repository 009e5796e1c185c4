#include <thread>

#include <gtest/gtest.h>

#include "mkdt/base/timing.h"

namespace mkdt {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

TEST(Throttle, TheFirstTimeIsAtOnceAndTheNextOneLater) {
  int calls = 0;
  Throttle throttle(std::chrono::hours(1));
  for (int i = 0; i < 5; ++i) throttle.call([&] { ++calls; });
  EXPECT_EQ(calls, 1);
  throttle.call([&] { ++calls; }, /*now=*/true);
  EXPECT_EQ(calls, 2);
}

TEST(Throttle, AfterTheLeastTimeItIsTimeAgain) {
  int calls = 0;
  Throttle throttle(milliseconds(5));
  throttle.call([&] { ++calls; });
  std::this_thread::sleep_for(milliseconds(20));
  throttle.call([&] { ++calls; });
  EXPECT_EQ(calls, 2);
}

TEST(Throttle, WhatTakesLongIsDoneSeldom) {
  Throttle throttle(milliseconds(0));
  throttle.call([] { std::this_thread::sleep_for(milliseconds(20)); });
  const Clock::time_point begin = Clock::now();
  bool called = false;
  while (!called && Clock::now() - begin < std::chrono::seconds(60)) {
    throttle.call([&] { called = true; });
  }
  EXPECT_GE(Clock::now() - begin, 99 * milliseconds(20));
}

}  // namespace
}  // namespace mkdt
