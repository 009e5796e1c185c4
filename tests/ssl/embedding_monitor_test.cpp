#include <gtest/gtest.h>

#include "mkdt/base/random.h"
#include "mkdt/data/representations.h"
#include "mkdt/ssl/teacher_checkpoint.h"

namespace mkdt {
namespace {

torch::Tensor random_rows(int64_t rows, int64_t dim, uint64_t index) {
  at::Generator generator = make_generator(1, "test/rows", index);
  return at::randn({rows, dim}, generator, torch::TensorOptions(torch::kFloat32));
}

TEST(EmbeddingMonitor, SummarisesAnEpoch) {
  EmbeddingMonitor monitor;
  monitor.add(1, random_rows(200, 6, 0), random_rows(200, 9, 1));
  monitor.add(3, random_rows(200, 6, 2), random_rows(200, 9, 3));
  const EmbeddingSummary summary = monitor.summary();
  EXPECT_EQ(summary.loss, 2);
  EXPECT_NEAR(summary.feature_std,
              (direction_std(random_rows(200, 6, 0)) + direction_std(random_rows(200, 6, 2))) / 2,
              1e-9);
  EXPECT_NEAR(summary.embedding_rank,
              effective_rank(torch::cat({random_rows(200, 9, 1), random_rows(200, 9, 3)})), 1e-9);
  EXPECT_EQ(summary.collapse(), "");
}

TEST(EmbeddingMonitor, RanksAreOfTheLastRows) {
  EmbeddingMonitor monitor;
  monitor.add(1, torch::zeros({512, 6}), torch::zeros({512, 6}));
  monitor.add(1, random_rows(512, 6, 0), random_rows(512, 6, 1));
  EXPECT_NEAR(monitor.summary().feature_rank, effective_rank(random_rows(512, 6, 0)), 1e-9);
}

TEST(EmbeddingMonitor, NoticesACollapse) {
  const torch::Tensor spread = random_rows(100, 6, 0);
  EmbeddingMonitor zeros;  // as behind a projector of zeros
  zeros.add(1, spread, torch::zeros({100, 6}));
  EXPECT_NE(zeros.summary().collapse().find("nearly the same representation"), std::string::npos);

  EmbeddingMonitor constant;
  constant.add(1, torch::ones({100, 6}) + 1e-3 * spread, spread);
  EXPECT_NE(constant.summary().collapse().find("nearly the same representation"),
            std::string::npos);

  EmbeddingMonitor line;
  line.add(1, spread, spread.slice(1, 0, 1) * torch::ones({1, 6}));
  EXPECT_NE(line.summary().collapse().find("one direction"), std::string::npos);
}

}  // namespace
}  // namespace mkdt
