#include "mkdt/distill/meta_gradient.h"

#include <cmath>
#include <functional>
#include <memory>
#include <random>
#include <string>

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/distill/trajectory_task.h"
#include "mkdt/nn/convnet.h"
#include "mkdt/nn/layered_network.h"
#include "mkdt/nn/regression.h"
#include "tests/distill/random_problem.h"

namespace mkdt {
namespace {

// Largest absolute difference, relative to the largest value expected.
double relative_error(const torch::Tensor& found, const torch::Tensor& expected) {
  EXPECT_EQ(found.sizes(), expected.sizes());
  EXPECT_EQ(found.scalar_type(), expected.scalar_type());
  const double error = (found - expected).abs().max().item<double>();
  return error == 0 ? 0 : error / expected.abs().max().item<double>();
}

// J by SGD steps, without any engine.
double outer_value(const InnerProblem& problem, const OuterObjective& objective) {
  torch::Tensor theta = problem.theta_start;
  torch::Tensor velocity =
      problem.velocity_start.defined() ? problem.velocity_start : torch::zeros_like(theta);
  for (const torch::Tensor& batch : problem.batches) {
    const torch::Tensor leaf = theta.detach().requires_grad_(true);
    const torch::Tensor loss =
        regression_loss(problem.network, leaf, problem.images.index_select(0, batch),
                        problem.targets.index_select(0, batch));
    velocity = problem.momentum * velocity + torch::autograd::grad({loss}, {leaf})[0];
    theta = theta - problem.lr * velocity;
  }
  return objective(theta).value;
}

// Mean squared error on other images at θ_N: what pre-training is for.
OuterObjective held_out_loss(const Network& network, const torch::Tensor& images,
                             const torch::Tensor& targets) {
  return [&network, images, targets](const torch::Tensor& theta_final) {
    const torch::Tensor theta = theta_final.detach().requires_grad_(true);
    const torch::Tensor loss = regression_loss(network, theta, images, targets);
    return OuterLoss{loss.item<double>(), torch::autograd::grad({loss}, {theta})[0]};
  };
}

void expect_same(const MetaGradient& found, const MetaGradient& expected, double exactness) {
  const double tolerance = exactness == 0 ? 0 : testing::rounding(exactness);
  EXPECT_NEAR(found.loss, expected.loss, tolerance * std::abs(expected.loss));
  EXPECT_NEAR(found.lr, expected.lr, tolerance * std::abs(expected.lr));
  EXPECT_LE(relative_error(found.images, expected.images), tolerance);
  EXPECT_LE(relative_error(found.targets, expected.targets), tolerance);
  EXPECT_LE(relative_error(found.theta_final, expected.theta_final), tolerance);
  ASSERT_EQ(found.inner_losses.size(), expected.inner_losses.size());
  for (size_t i = 0; i < expected.inner_losses.size(); ++i) {
    EXPECT_NEAR(found.inner_losses[i], expected.inner_losses[i],
                tolerance * expected.inner_losses[i]);
  }
}

class MetaGradientEngines : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "native" && !testing::test_device().is_cpu()) GTEST_SKIP() << "the CPU's";
  }
  MetaGradient solve(const InnerProblem& problem, const OuterObjective& objective) const {
    return meta_gradient_engine(GetParam())->solve(problem, objective);
  }
};

TEST_P(MetaGradientEngines, AgreeWithTheUnrolledGraphOnRandomProblems) {
  for (uint64_t seed = 1; seed <= 24; ++seed) {
    const RandomProblem random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + random.describe());
    expect_same(solve(random.problem(), random.matching()),
                unrolled_meta_gradient(random.problem(), random.matching()), 1e-11);
  }
}

// The sizes that users have, at small widths and batches: common images, planes that are odd behind
// a pooling, widths that no vector divides, batches smaller than a thread's share.
NetworkPtr random_common_convnet(std::mt19937_64& integers) {
  constexpr int64_t kImages[] = {28, 32, 48, 30, 27, 21};
  ConvNetShape shape;
  shape.image_size = kImages[pick(integers, 0, 5)];
  shape.depth = pick(integers, 1, 4);
  shape.channels = pick(integers, 0, 1) == 0 ? 1 : 3;
  shape.width = pick(integers, 1, 19);
  shape.outputs = pick(integers, 1, 33);
  return std::make_shared<ConvNet>(shape);
}

TEST_P(MetaGradientEngines, AgreeWithTheUnrolledGraphOnCommonSizes) {
  for (uint64_t seed = 501; seed <= 516; ++seed) {
    const RandomProblem random(seed, torch::kFloat64, random_common_convnet);
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + random.describe());
    expect_same(solve(random.problem(), random.matching()),
                unrolled_meta_gradient(random.problem(), random.matching()), 1e-10);
  }
}

TEST_P(MetaGradientEngines, AgreeWithTheUnrolledGraphOnLargeImages) {
  for (const int64_t image_size : {64, 96, 128}) {
    const auto draw = [&](std::mt19937_64& integers) -> NetworkPtr {
      return std::make_shared<ConvNet>(
          ConvNetShape{3, image_size, pick(integers, 2, 4), pick(integers, 3, 5), 6});
    };
    const RandomProblem random(600 + static_cast<uint64_t>(image_size), torch::kFloat64, draw);
    SCOPED_TRACE(random.describe());
    expect_same(solve(random.problem(), random.matching()),
                unrolled_meta_gradient(random.problem(), random.matching()), 1e-10);
  }
}

// The last batch of a pass may be smaller, or the first of all be the smallest.
TEST_P(MetaGradientEngines, AgreeWithTheUnrolledGraphOnBatchesOfSeveralSizes) {
  for (uint64_t seed = 801; seed <= 812; ++seed) {
    RandomProblem random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + random.describe());
    InnerProblem problem = random.problem();
    for (torch::Tensor& batch : problem.batches) {
      batch = testing::on_test_device(
          torch::arange(random.pick(1, problem.images.size(0)), torch::kLong));
    }
    expect_same(solve(problem, random.matching()),
                unrolled_meta_gradient(problem, random.matching()), 1e-11);
  }
}

// Every norm with every activation and pooling.
TEST(AutogradMetaGradient, AgreesWithTheUnrolledGraphForEveryBlock) {
  uint64_t seed = 700;
  for (size_t norm = 0; norm < norm_names().size(); ++norm) {
    for (size_t activation = 0; activation < activation_names().size(); ++activation) {
      for (size_t pooling = 0; pooling < pooling_names().size(); ++pooling) {
        const auto draw = [&](std::mt19937_64& integers) -> NetworkPtr {
          ConvNetShape shape = {2, pick(integers, 4, 9), 4, 2, 3};
          shape.norm = static_cast<Norm>(norm);
          shape.activation = static_cast<Activation>(activation);
          shape.pooling = static_cast<Pooling>(pooling);
          return std::make_shared<ConvNet>(shape);
        };
        const RandomProblem random(++seed, torch::kFloat64, draw);
        SCOPED_TRACE("seed " + std::to_string(seed) + ": " + random.describe());
        expect_same(autograd_meta_gradient(random.problem(), random.matching()),
                    unrolled_meta_gradient(random.problem(), random.matching()), 1e-10);
      }
    }
  }
}

TEST(AutogradMetaGradient, AgreesWithTheUnrolledGraphForResNets) {
  for (const char* const name : {"resnet10", "resnet18"}) {
    const auto draw = [&](std::mt19937_64& integers) -> NetworkPtr {
      return std::make_shared<LayeredNetwork>(LayeredShape{name, 3, pick(integers, 16, 19), 2, 4});
    };
    const RandomProblem random(800, torch::kFloat64, draw);
    SCOPED_TRACE(random.describe());
    expect_same(autograd_meta_gradient(random.problem(0.02), random.matching()),
                unrolled_meta_gradient(random.problem(0.02), random.matching()), 1e-10);
  }
}

// Rounded factors: a few per cent of the gradient, and the default knows that it needs the graph.
TEST(AutogradMetaGradient, CostsSomeAccuracyInBfloat16) {
  const auto draw = [](std::mt19937_64& /*integers*/) -> NetworkPtr {
    return std::make_shared<ConvNet>(ConvNetShape{3, 16, 16, 2, 8});
  };
  const RandomProblem random(901, torch::kFloat32, draw);
  const InnerProblem exact = random.problem();
  const NetworkPtr network = exact.network.with_operators(Operators::kBfloat16);
  InnerProblem problem = {*network,      exact.theta_start, exact.images,
                          exact.targets, exact.lr,          exact.batches};
  const MetaGradient expected = autograd_meta_gradient(exact, random.matching());
  const MetaGradient found = fastest_meta_gradient(problem, random.matching());
  const double error =
      ((found.images - expected.images).norm() / expected.images.norm()).item<double>();
  EXPECT_GT(error, 1e-4);
  EXPECT_LT(error, 0.3);
  EXPECT_EQ(found.images.scalar_type(), torch::kFloat32);
}

// Where there are no kernels of our own, the default takes the graph, and says so when asked for
// `native`.
TEST(FastestMetaGradient, TakesAnotherEngineForOtherBlocks) {
  const auto draw = [](std::mt19937_64& /*integers*/) -> NetworkPtr {
    ConvNetShape shape = {2, 8, 4, 2, 3};
    shape.pooling = Pooling::kMax;
    return std::make_shared<ConvNet>(shape);
  };
  const RandomProblem random(900, torch::kFloat64, draw);
  expect_same(fastest_meta_gradient(random.problem(), random.matching()),
              autograd_meta_gradient(random.problem(), random.matching()), 0);
  EXPECT_THROW(native_meta_gradient(random.problem(), random.matching()), Error);
}

TEST_P(MetaGradientEngines, AgreeWithTheUnrolledGraphForAnotherObjective) {
  for (uint64_t seed = 101; seed <= 106; ++seed) {
    RandomProblem random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + random.describe());
    const InnerProblem problem = random.problem();
    const OuterObjective objective = held_out_loss(
        problem.network, torch::randn_like(problem.images), torch::randn_like(problem.targets));
    expect_same(solve(problem, objective), unrolled_meta_gradient(problem, objective), 1e-11);
  }
}

TEST_P(MetaGradientEngines, AgreeWithTheUnrolledGraphWithMomentum) {
  for (uint64_t seed = 601; seed <= 612; ++seed) {
    RandomProblem random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + random.describe());
    random.add_momentum();
    expect_same(solve(random.problem(), random.matching()),
                unrolled_meta_gradient(random.problem(), random.matching()), 1e-11);
  }
}

// ∂J/∂X, ∂J/∂Z and ∂J/∂α against central differences along random directions.
void expect_finite_differences(RandomProblem& random, const OuterObjective& objective,
                               const MetaGradient& found) {
  constexpr double kStep = 1e-6, kTolerance = 1e-6;
  const InnerProblem problem = random.problem();
  const auto slope = [&](const torch::Tensor& images, const torch::Tensor& targets, double lr) {
    InnerProblem above = problem, below = problem;
    above.images = problem.images + kStep * images;
    below.images = problem.images - kStep * images;
    above.targets = problem.targets + kStep * targets;
    below.targets = problem.targets - kStep * targets;
    above.lr += kStep * lr;
    below.lr -= kStep * lr;
    return (outer_value(above, objective) - outer_value(below, objective)) / (2 * kStep);
  };
  const torch::Tensor no_images = torch::zeros_like(problem.images);
  const torch::Tensor no_targets = torch::zeros_like(problem.targets);
  const auto near = [&](double value, double expected, double scale) {
    EXPECT_NEAR(value, expected, kTolerance * (std::abs(expected) + scale));
  };
  for (int i = 0; i < 3; ++i) {
    const torch::Tensor images = random.normal(problem.images.sizes().vec());
    near((found.images * images).sum().item<double>(), slope(images, no_targets, 0),
         found.images.norm().item<double>());
    const torch::Tensor targets = random.normal(problem.targets.sizes().vec());
    near((found.targets * targets).sum().item<double>(), slope(no_images, targets, 0),
         found.targets.norm().item<double>());
  }
  near(found.lr, slope(no_images, no_targets, 1), 1e-3);
}

TEST_P(MetaGradientEngines, AreTheFiniteDifferencesOfTheOuterLoss) {
  for (uint64_t seed = 201; seed <= 206; ++seed) {
    RandomProblem random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + random.describe());
    const OuterObjective objective = random.matching();
    const MetaGradient found = solve(random.problem(), objective);
    EXPECT_NEAR(found.loss, outer_value(random.problem(), objective),
                testing::rounding(1e-12) * found.loss);
    expect_finite_differences(random, objective, found);
  }
}

TEST_P(MetaGradientEngines, AreTheFiniteDifferencesWithMomentum) {
  for (uint64_t seed = 701; seed <= 706; ++seed) {
    RandomProblem random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + random.describe());
    random.add_momentum();
    const OuterObjective objective = random.matching();
    const MetaGradient found = solve(random.problem(), objective);
    EXPECT_NEAR(found.loss, outer_value(random.problem(), objective),
                testing::rounding(1e-12) * found.loss);
    expect_finite_differences(random, objective, found);
  }
}

TEST_P(MetaGradientEngines, AreTheFiniteDifferencesOfAnotherObjective) {
  RandomProblem random(301);
  const InnerProblem problem = random.problem();
  const OuterObjective objective =
      held_out_loss(problem.network, random.normal(problem.images.sizes().vec()),
                    random.normal(problem.targets.sizes().vec()));
  expect_finite_differences(random, objective, solve(problem, objective));
}

TEST_P(MetaGradientEngines, GiveZeroToRowsInNoBatch) {
  const RandomProblem random(401);
  InnerProblem problem = random.problem();
  ASSERT_GE(problem.images.size(0), 3);
  problem.batches = {torch::tensor({2}), torch::tensor({2, 0}), torch::tensor({0})};
  for (torch::Tensor& batch : problem.batches) batch = testing::on_test_device(batch);
  const MetaGradient found = solve(problem, random.matching());
  for (int64_t row = 0; row < problem.images.size(0); ++row) {
    const bool used = row == 0 || row == 2;
    EXPECT_EQ(found.images[row].abs().max().item<double>() > 0, used) << row;
    EXPECT_EQ(found.targets[row].abs().max().item<double>() > 0, used) << row;
  }
}

TEST_P(MetaGradientEngines, LeaveTheProblemAloneAndReturnPlainTensors) {
  const RandomProblem random(403);
  const InnerProblem problem = random.problem();
  const std::vector<torch::Tensor> before = {problem.images.clone(), problem.targets.clone(),
                                             problem.theta_start.clone()};
  const MetaGradient found = solve(problem, random.matching());
  EXPECT_TRUE(torch::equal(problem.images, before[0]));
  EXPECT_TRUE(torch::equal(problem.targets, before[1]));
  EXPECT_TRUE(torch::equal(problem.theta_start, before[2]));
  for (const torch::Tensor& tensor : {problem.images, problem.targets, problem.theta_start,
                                      found.images, found.targets, found.theta_final}) {
    EXPECT_FALSE(tensor.requires_grad());
  }
}

TEST_P(MetaGradientEngines, GiveTheSameBitsEveryTime) {
  const RandomProblem random(404, torch::kFloat32);
  const MetaGradient once = solve(random.problem(), random.matching());
  const MetaGradient again = solve(random.problem(), random.matching());
  EXPECT_TRUE(torch::equal(once.images, again.images));
  EXPECT_TRUE(torch::equal(once.targets, again.targets));
  EXPECT_EQ(once.lr, again.lr);
}

// Problems of all sizes and both types by one engine, with and without momentum, and again.
TEST_P(MetaGradientEngines, GiveTheBitsOfANewOneWhenTheyAreUsed) {
  const MetaGradientEnginePtr used = meta_gradient_engine(GetParam());
  for (const uint64_t seed : {1U, 2U, 2U, 3U, 1U}) {
    for (const torch::Dtype dtype : {torch::kFloat64, torch::kFloat32}) {
      RandomProblem random(seed, dtype);
      if (seed == 2) random.add_momentum();
      expect_same(used->solve(random.problem(), random.matching()),
                  solve(random.problem(), random.matching()), 0);
    }
  }
}

// An iteration that was interrupted leaves an engine that goes on.
TEST_P(MetaGradientEngines, GoOnAfterAnException) {
  const MetaGradientEnginePtr engine = meta_gradient_engine(GetParam());
  RandomProblem random(4);
  InnerProblem problem = random.problem();
  const MetaGradient expected = solve(problem, random.matching());
  int left = static_cast<int>(problem.batches.size());
  problem.before_step = [&] {
    if (left-- == 1) throw std::runtime_error("stopped");
  };
  EXPECT_THROW(engine->solve(problem, random.matching()), std::runtime_error);
  problem.before_step = nullptr;
  expect_same(engine->solve(problem, random.matching()), expected, 0);
}

// Only roughly: a pre-activation that crosses zero by rounding changes the derivative by a jump.
TEST_P(MetaGradientEngines, AreCloseToFloat64InFloat32) {
  for (uint64_t seed = 501; seed <= 504; ++seed) {
    const RandomProblem random(seed, torch::kFloat32);
    const InnerProblem single = random.problem();
    InnerProblem exact = single;
    for (torch::Tensor* tensor : {&exact.images, &exact.targets, &exact.theta_start}) {
      *tensor = tensor->to(torch::kFloat64);
    }
    const OuterObjective objective = [&](const torch::Tensor& theta) {
      return OuterLoss{theta.square().sum().item<double>(), 2 * theta};
    };
    const MetaGradient found = solve(single, objective);
    const MetaGradient expected = unrolled_meta_gradient(exact, objective);
    EXPECT_EQ(found.images.scalar_type(), torch::kFloat32);
    EXPECT_LE(relative_error(found.images.to(torch::kFloat64), expected.images), 2e-2) << seed;
    EXPECT_LE(relative_error(found.targets.to(torch::kFloat64), expected.targets), 2e-2) << seed;
    EXPECT_NEAR(found.lr, expected.lr, 1e-2 * std::abs(expected.lr)) << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(All, MetaGradientEngines, ::testing::ValuesIn(meta_gradient_engines()),
                         [](const auto& instance) { return instance.param; });

TEST(MetaGradientEngine, NamesTheEnginesThatThereAre) {
  try {
    meta_gradient_engine("rolled");
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("'rolled'"), std::string::npos) << message;
    for (const std::string& name : meta_gradient_engines()) {
      EXPECT_NE(message.find(name), std::string::npos) << message;
    }
  }
}

}  // namespace
}  // namespace mkdt
