#include <algorithm>
#include <cstring>
#include <sys/mman.h>
#include <vector>

#include <gtest/gtest.h>

#include "mkdt/base/machine.h"
#include "mkdt/base/memory.h"
#include "mkdt/stages/resource_check.h"

namespace mkdt {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;

// Holds `bytes` for a moment.
void hold(int64_t bytes) {
  const auto size = static_cast<size_t>(bytes);
  void* const block =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(block, MAP_FAILED);
  std::memset(block, 1, size);
  munmap(block, size);
}

// 2 MiB and a millisecond an image, on top of 8 MiB; `seen` gets the batches that are tried.
StageStep step_of(int64_t batch, double count, std::vector<int64_t>& seen) {
  StageStep step;
  step.name = "step";
  step.option = "section.batch";
  step.batch = batch;
  step.count = count;
  step.run = [&seen](int64_t size, int64_t steps) {
    seen.push_back(size);
    hold((8 + 2 * size) * kMiB);
    Seconds seconds(static_cast<size_t>(steps), static_cast<double>(size) * 1e-3);
    seconds.front() += steps > 1 ? 1 : 0;  // warming up does not count
    return seconds;
  };
  return step;
}

// Without what earlier tests left to be used again, as before every step that is tried.
int64_t memory_now() {
  give_back_memory();
  return PeakMemory().bytes();
}

AvailableMemory of(int64_t bytes) { return {bytes, "a limit"}; }

TEST(StageEstimate, AQuickOneContinuesTheStraightLineOfSmallBatches) {
  std::vector<int64_t> seen;
  StageTrial trial;
  trial.steps = {step_of(64, 10, seen)};
  trial.held_memory = 100 * kMiB;
  trial.disk = 77;
  trial.disk_option = "section.count";
  const int64_t base = memory_now();
  const StageEstimate estimate = quick_estimate(trial);
  EXPECT_EQ(*std::max_element(seen.begin(), seen.end()), 16);
  EXPECT_NEAR(static_cast<double>(estimate.memory - base) / kMiB, 8 + 2 * 64 + 100, 12);
  EXPECT_EQ(estimate.memory_option, "section.batch");
  EXPECT_EQ(estimate.disk, 77);
  EXPECT_EQ(estimate.disk_option, "section.count");
}

TEST(StageEstimate, AFullOneTakesWholeStepsAndCountsThem) {
  std::vector<int64_t> seen;
  StageTrial trial;
  trial.steps = {step_of(16, 100, seen)};
  trial.more_seconds = [] { return 5.0; };
  const int64_t base = memory_now();
  const StageEstimate estimate = full_estimate(trial, of(int64_t{1} << 40));
  EXPECT_EQ(seen.back(), 16);
  EXPECT_NEAR(static_cast<double>(estimate.memory - base) / kMiB, 40, 4);
  EXPECT_NEAR(estimate.seconds, 5 + 100 * 0.016, 1e-9);
}

TEST(StageEstimate, WhatDoesNotFitIsNotTriedAsAWhole) {
  std::vector<int64_t> seen;
  StageTrial trial;
  trial.steps = {step_of(64, 1, seen)};
  const int64_t base = memory_now();
  const StageEstimate estimate = full_estimate(trial, of(100 * kMiB));
  EXPECT_EQ(*std::max_element(seen.begin(), seen.end()), 16);
  EXPECT_NEAR(static_cast<double>(estimate.memory - base) / kMiB, 8 + 2 * 64, 12);
  EXPECT_NEAR(estimate.seconds, 0.064, 1e-9);
}

TEST(StageEstimate, TheHungriestStepNamesTheOption) {
  std::vector<int64_t> seen;
  StageTrial trial;
  trial.steps = {step_of(32, 0, seen), step_of(2, 1000, seen)};
  trial.steps[1].option = "section.other";
  EXPECT_EQ(quick_estimate(trial).memory_option, "section.batch");
}

}  // namespace
}  // namespace mkdt
