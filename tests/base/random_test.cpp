#include "mkdt/base/random.h"

#include <set>

#include <gtest/gtest.h>

namespace mkdt {
namespace {

TEST(Random, SeedsDifferByEveryArgument) {
  const std::set<uint64_t> seeds = {derive_seed(1, "a", 0), derive_seed(2, "a", 0),
                                    derive_seed(1, "b", 0), derive_seed(1, "a", 1)};
  EXPECT_EQ(seeds.size(), 4U);
  EXPECT_EQ(derive_seed(1, "a", 0), derive_seed(1, "a"));
}

TEST(Random, StateBringsTheStreamBack) {
  at::Generator generator = make_generator(3, "test");
  torch::randn({5}, generator);
  const torch::Tensor state = generator_state(generator);
  const torch::Tensor expected = torch::randn({7}, generator);
  at::Generator other = make_generator(4, "other");
  restore_generator(other, state);
  EXPECT_TRUE(torch::equal(torch::randn({7}, other), expected));
}

}  // namespace
}  // namespace mkdt
