#include <gtest/gtest.h>

#include "mkdt/data/batches.h"

namespace mkdt {
namespace {

std::vector<int64_t> rows_of(int64_t size, int64_t most) {
  const torch::Tensor rows = spread_rows(size, most);
  return {rows.data_ptr<int64_t>(), rows.data_ptr<int64_t>() + rows.size(0)};
}

TEST(SpreadRows, AreEvenlySpaced) {
  using Rows = std::vector<int64_t>;
  EXPECT_EQ(rows_of(10, 5), (Rows{0, 2, 4, 6, 8}));
  EXPECT_EQ(rows_of(7, 3), (Rows{0, 2, 4}));
  EXPECT_EQ(rows_of(3, 5), (Rows{0, 1, 2}));
  EXPECT_EQ(rows_of(3, 0), (Rows{0, 1, 2}));
  EXPECT_EQ(rows_of(0, 4), Rows{});
}

}  // namespace
}  // namespace mkdt
