#include "mkdt/data/batches.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "mkdt/base/random.h"

namespace mkdt {
namespace {

bool is_permutation(const std::vector<torch::Tensor>& batches, int64_t size) {
  return torch::equal(std::get<0>(torch::cat(batches).sort()), torch::arange(size));
}

TEST(Batches, OnePassCoversAll) {
  for (const auto& [size, batch] : {std::pair{10, 3}, {9, 3}, {5, 8}, {1, 1}, {7, 1}}) {
    at::Generator generator = make_generator(1, "tests/batches");
    const auto batches = shuffled_batches(size, batch, generator);
    EXPECT_EQ(static_cast<int64_t>(batches.size()), (size + batch - 1) / batch);
    EXPECT_TRUE(is_permutation(batches, size));
    for (size_t i = 0; i + 1 < batches.size(); ++i) EXPECT_EQ(batches[i].size(0), batch);
  }
}

TEST(Batches, PassesDifferAndRepeatWithTheSeed) {
  at::Generator one = make_generator(1, "tests/batches");
  at::Generator two = make_generator(1, "tests/batches");
  const auto first = shuffled_batches(50, 50, one);
  EXPECT_TRUE(torch::equal(first[0], shuffled_batches(50, 50, two)[0]));
  EXPECT_FALSE(torch::equal(first[0], shuffled_batches(50, 50, one)[0]));
}

TEST(Batches, StepsAreWholeBatchesOfSuccessivePermutations) {
  for (const auto& [size, batch] : {std::pair{10, 3}, {9, 3}, {10, 10}, {7, 5}}) {
    at::Generator generator = make_generator(2, "tests/batches");
    const auto batches = batches_for_steps(size, batch, 11, generator);
    ASSERT_EQ(batches.size(), 11U);
    const auto per_pass = static_cast<size_t>(size / batch);
    for (size_t begin = 0; begin < batches.size(); begin += per_pass) {
      const size_t end = std::min(begin + per_pass, batches.size());
      const torch::Tensor pass =
          torch::cat(std::vector<torch::Tensor>(batches.begin() + static_cast<int64_t>(begin),
                                                batches.begin() + static_cast<int64_t>(end)));
      EXPECT_EQ(pass.size(0), static_cast<int64_t>(end - begin) * batch);
      EXPECT_EQ(std::get<0>(torch::_unique(pass)).size(0), pass.size(0));  // none twice
      EXPECT_LT(pass.max().item<int64_t>(), size);
    }
  }
}

TEST(Batches, AShortLastBatchCompletesEachPass) {
  at::Generator generator = make_generator(2, "tests/batches");
  const auto batches = batches_for_steps(950, 256, 10, generator, LastBatch::kShort);
  ASSERT_EQ(batches.size(), 10U);
  for (size_t i = 0; i < batches.size(); ++i) {
    EXPECT_EQ(batches[i].size(0), i % 4 == 3 ? 182 : 256) << i;
  }
  EXPECT_TRUE(is_permutation({batches[0], batches[1], batches[2], batches[3]}, 950));
  EXPECT_TRUE(is_permutation({batches[4], batches[5], batches[6], batches[7]}, 950));
}

TEST(Batches, WhereEveryBatchIsWholeBothAreTheSame) {
  at::Generator one = make_generator(2, "tests/batches"), two = make_generator(2, "tests/batches");
  const auto dropping = batches_for_steps(12, 4, 7, one);
  const auto keeping = batches_for_steps(12, 4, 7, two, LastBatch::kShort);
  for (size_t i = 0; i < 7; ++i) EXPECT_TRUE(torch::equal(dropping[i], keeping[i])) << i;
  EXPECT_TRUE(torch::equal(torch::rand({1}, one), torch::rand({1}, two)));
}

TEST(Batches, SmallSetIsOneBatch) {
  at::Generator generator = make_generator(3, "tests/batches");
  const auto batches = batches_for_steps(5, 256, 4, generator);
  ASSERT_EQ(batches.size(), 4U);
  for (const torch::Tensor& batch : batches) EXPECT_TRUE(is_permutation({batch}, 5));
  EXPECT_TRUE(batches_for_steps(5, 2, 0, generator).empty());
}

TEST(Batches, NothingToDrawFromIsOurMistake) {
  at::Generator generator = make_generator(4, "tests/batches");
  EXPECT_THROW(shuffled_batches(0, 3, generator), c10::Error);
  EXPECT_THROW(batches_for_steps(3, 0, 1, generator), c10::Error);
}

}  // namespace
}  // namespace mkdt
