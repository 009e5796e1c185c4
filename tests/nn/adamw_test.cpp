#include <gtest/gtest.h>
#include <torch/optim/adamw.h>

#include "mkdt/base/random.h"
#include "mkdt/nn/update_rules.h"

namespace mkdt {
namespace {

TEST(AdamW, IsPyTorchs) {
  at::Generator generator = make_generator(1, "adamw test");
  const torch::Tensor start = torch::randn({3, 4}, generator, torch::kFloat64);
  torch::Tensor theirs = start.clone().requires_grad_(true);
  torch::optim::AdamW optimiser({theirs}, torch::optim::AdamWOptions(0.03).weight_decay(0.2));
  torch::Tensor ours = start;
  Moments moments;
  for (int step = 0; step < 5; ++step) {
    const torch::Tensor gradient = torch::randn({3, 4}, generator, torch::kFloat64);
    theirs.mutable_grad() = gradient;
    optimiser.step();
    ours = adamw_step(ours, gradient, 0.03, 0.2, moments);
    EXPECT_TRUE(torch::allclose(ours, theirs.detach(), 1e-10, 1e-12)) << step;
  }
  EXPECT_EQ(moments.steps, 5);
}

TEST(AdamW, LeavesItsArgumentsAlone) {
  const torch::Tensor value = torch::ones({2}), gradient = torch::full({2}, 3.0);
  Moments moments;
  adamw_step(value, gradient, 0.1, 0, moments);
  EXPECT_TRUE(torch::equal(value, torch::ones({2})));
  EXPECT_TRUE(torch::equal(gradient, torch::full({2}, 3.0)));
}

}  // namespace
}  // namespace mkdt
