#include <gtest/gtest.h>

#include "mkdt/ssl/teacher_trainer.h"

namespace mkdt {
namespace {

TEST(Schedule, RisesLinearlyThenFallsAlongACosine) {
  EXPECT_DOUBLE_EQ(warmup_cosine(0, 4, 12), 0.25);
  EXPECT_DOUBLE_EQ(warmup_cosine(3, 4, 12), 1);
  EXPECT_DOUBLE_EQ(warmup_cosine(4, 4, 12), 1);
  EXPECT_NEAR(warmup_cosine(8, 4, 12), 0.5, 1e-15);
  EXPECT_NEAR(warmup_cosine(6, 4, 12), 0.5 + std::sqrt(0.125), 1e-15);
  EXPECT_GT(warmup_cosine(11, 4, 12), 0);
}

TEST(Schedule, WorksWithoutWarmUpAndWithNothingElse) {
  EXPECT_DOUBLE_EQ(warmup_cosine(0, 0, 10), 1);
  EXPECT_DOUBLE_EQ(warmup_cosine(9, 10, 10), 1);
  EXPECT_DOUBLE_EQ(warmup_cosine(0, 0, 1), 1);
}

}  // namespace
}  // namespace mkdt
