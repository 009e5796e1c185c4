#include "mkdt/ssl/optimiser.h"

#include <gtest/gtest.h>
#include <torch/optim.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"

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
    Optimiser optimiser(trained, options(name));
    optimiser.step(0.1);
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
  Optimiser optimiser(trained, options("sgd"));
  optimiser.step(0.2);
  EXPECT_NEAR(first(trained[1]), 3 - 0.2, 1e-12);
  optimiser.step(0.2);  // momentum 0.9
  EXPECT_NEAR(first(trained[1]), 3 - 0.2 - 0.2 * 1.9, 1e-12);
}

TEST(Optimiser, LarsStepsInProportionToAMatrix) {
  auto trained = parameters();
  Optimiser optimiser(trained, options("lars"));
  optimiser.step(0.1);
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

// Parameters of odd sizes, some of which are not trained, with random gradients.
std::vector<torch::Tensor> random_parameters() {
  torch::manual_seed(4);
  std::vector<torch::Tensor> made = {torch::randn({3}), torch::randn({5, 7}), torch::randn({2}),
                                     torch::randn({300, 200}), torch::randn({1, 9})};
  for (torch::Tensor& parameter : made) parameter.set_requires_grad(true);
  return made;
}

// PyTorch's own optimisers in the role of the oracle, with the same groups.
std::unique_ptr<torch::optim::Optimizer> stock(const std::vector<torch::Tensor>& parameters,
                                               bool adamw) {
  std::vector<torch::optim::OptimizerParamGroup> groups;
  for (const bool decaying : {true, false}) {
    std::vector<torch::Tensor> group;
    for (const torch::Tensor& parameter : parameters) {
      if (decays(parameter) == decaying) group.push_back(parameter);
    }
    const double decay = decaying ? 0.5 : 0;
    if (adamw) {
      groups.emplace_back(group, std::make_unique<torch::optim::AdamWOptions>(
                                     torch::optim::AdamWOptions(0.1).weight_decay(decay)));
    } else {
      groups.emplace_back(group,
                          std::make_unique<torch::optim::SGDOptions>(
                              torch::optim::SGDOptions(0.1).momentum(0.9).weight_decay(decay)));
    }
  }
  if (adamw) return std::make_unique<torch::optim::AdamW>(groups, torch::optim::AdamWOptions(0.1));
  return std::make_unique<torch::optim::SGD>(groups, torch::optim::SGDOptions(0.1));
}

TEST(Optimiser, StepsLikePyTorchsToTheBit) {
  for (const bool adamw : {true, false}) {
    const auto expected = random_parameters(), found = random_parameters();
    const auto oracle = stock(expected, adamw);
    Optimiser optimiser(found, options(adamw ? "adamw" : "sgd"));
    for (int step = 0; step < 3; ++step) {
      for (size_t i = 0; i < found.size(); ++i) {
        const torch::Tensor gradient = torch::randn(found[i].sizes());
        torch::Tensor(expected[i]).mutable_grad() = gradient;
        torch::Tensor(found[i]).mutable_grad().copy_(gradient);
      }
      oracle->step();
      optimiser.step(0.1);
    }
    for (size_t i = 0; i < found.size(); ++i) {
      EXPECT_TRUE(found[i].equal(expected[i])) << adamw << " " << i;
    }
  }
}

TEST(Optimiser, GoesOnFromItsFile) {
  for (const char* name : {"adamw", "sgd", "lars"}) {
    const auto straight = random_parameters(), resumed = random_parameters();
    Optimiser optimiser(straight, options(name)), first(resumed, options(name));
    const auto set_gradients = [](const std::vector<torch::Tensor>& parameters, double value) {
      for (const torch::Tensor& parameter : parameters) parameter.grad().fill_(value);
    };
    set_gradients(straight, 2);
    set_gradients(resumed, 2);
    optimiser.step(0.1);
    first.step(0.1);
    TensorFile file;
    first.put(file, "here.");
    Optimiser second(resumed, options(name));
    second.take(file, "here.");
    set_gradients(straight, -1);
    set_gradients(resumed, -1);
    optimiser.step(0.1);
    second.step(0.1);
    for (size_t i = 0; i < straight.size(); ++i) {
      EXPECT_TRUE(straight[i].equal(resumed[i])) << name << " " << i;
    }
  }
}

TEST(Optimiser, RefusesAnotherTeachersState) {
  TensorFile file;
  file.origin = "other.safetensors";
  Optimiser(random_parameters(), options("adamw")).put(file, "o.");
  Optimiser small(parameters(), options("adamw"));
  try {
    small.take(file, "o.");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("other.safetensors"), std::string::npos);
  }
}

}  // namespace
}  // namespace mkdt
