#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/utils.h>

#include "mkdt/ssl/teacher_trainer.h"

namespace mkdt {
namespace {

// A matrix and a bias with the gradient 1 everywhere, and a parameter that is not trained.
std::vector<torch::Tensor> parameters() {
  std::vector<torch::Tensor> made = {torch::full({2, 2}, 3.0, torch::kFloat64),
                                     torch::full({2}, 3.0, torch::kFloat64),
                                     torch::full({2}, 3.0, torch::kFloat64)};
  for (size_t i = 0; i < 2; ++i) {
    made[i].set_requires_grad(true);
    made[i].mutable_grad() = torch::ones_like(made[i]).detach();
  }
  return made;
}

double first(const torch::Tensor& tensor) { return tensor.view(-1)[0].item<double>(); }

OptimiserOptions options(const std::string& name) {
  OptimiserOptions made;
  made.optimiser = name;
  made.weight_decay = 0.5;
  return made;
}

TEST(Optimiser, OnlyMatricesDecay) {
  for (const char* name : {"adamw", "sgd"}) {
    auto trained = parameters();
    const auto optimiser = make_optimiser(trained, options(name), 0.1);
    optimiser->step();
    EXPECT_NEAR(first(trained[0]), 3 - 0.1 * (1 + 0.5 * 3), 1e-6) << name;
    EXPECT_NEAR(first(trained[1]), 3 - 0.1, 1e-6) << name;
    EXPECT_EQ(first(trained[2]), 3) << name;
  }
}

TEST(Optimiser, TokensAndPositionsDoNotDecay) {
  EXPECT_TRUE(decays(torch::zeros({4, 3, 3, 3})));
  EXPECT_FALSE(decays(torch::zeros({1, 1, 8})));
  EXPECT_FALSE(decays(torch::zeros({1, 65, 8})));
  EXPECT_FALSE(decays(torch::zeros({8})));
}

TEST(Optimiser, TakesTheRateThatIsSet) {
  auto trained = parameters();
  const auto optimiser = make_optimiser(trained, options("sgd"), 0.1);
  set_learning_rate(*optimiser, 0.2);
  optimiser->step();
  EXPECT_NEAR(first(trained[1]), 3 - 0.2, 1e-12);
  optimiser->step();  // momentum 0.9
  EXPECT_NEAR(first(trained[1]), 3 - 0.2 - 0.2 * 1.9, 1e-12);
}

TEST(Optimiser, LarsStepsInProportionToAMatrix) {
  auto trained = parameters();
  const auto optimiser = make_optimiser(trained, options("lars"), 0.1);
  scale_gradients(trained, 0.5);
  optimiser->step();
  // ‖w‖ = 6, g + βw = 2.5 everywhere: the direction with the length 1e-3·6, of which each has half.
  EXPECT_NEAR(first(trained[0]), 3 - 0.1 * 1e-3 * 3, 1e-12);
  EXPECT_NEAR(first(trained[1]), 3 - 0.1, 1e-12);
}

TEST(Optimiser, LarsLeavesGradientsOfZeroMatricesAlone) {
  auto trained = parameters();
  {
    const torch::NoGradGuard no_grad;
    trained[0].zero_();
  }
  scale_gradients(trained, 0.5);
  EXPECT_EQ(first(trained[0].grad()), 1);
}

TEST(Optimiser, ARateOfZeroIsTheOptimisersOwn) {
  EXPECT_EQ(options("adamw").peak_lr(512), 1e-3);
  EXPECT_DOUBLE_EQ(options("sgd").peak_lr(512), 0.12);
  EXPECT_DOUBLE_EQ(options("lars").peak_lr(128), 0.15);
  OptimiserOptions given = options("lars");
  given.lr = 0.7;
  EXPECT_EQ(given.peak_lr(128), 0.7);
}

}  // namespace
}  // namespace mkdt
