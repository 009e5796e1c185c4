#include <gtest/gtest.h>

#include "mkdt/base/memory.h"

namespace mkdt {
namespace {

TEST(ZerosOnPages, IsAZeroTensorThatCanBeWrittenAndOutlivesItsViews) {
  for (const auto dtype : {torch::kFloat32, torch::kFloat64}) {
    torch::Tensor block = zeros_on_pages({3, 1000}, dtype);
    EXPECT_EQ(block.sizes(), (std::vector<int64_t>{3, 1000}));
    EXPECT_EQ(block.scalar_type(), dtype);
    EXPECT_TRUE(torch::equal(block, torch::zeros({3, 1000}, dtype)));
    torch::Tensor row = block[1];
    block = torch::Tensor();
    row.fill_(2);
    EXPECT_EQ(row.sum().item<double>(), 2000);
  }
}

TEST(ZerosOnPages, MayBeEmpty) { EXPECT_EQ(zeros_on_pages({0, 5}, torch::kFloat32).numel(), 0); }

}  // namespace
}  // namespace mkdt
