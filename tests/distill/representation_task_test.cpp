#include "mkdt/distill/representation_task.h"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "mkdt/base/random.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/nn/convnet.h"
#include "mkdt/nn/regression.h"
#include "tests/fixtures/stopper.h"

namespace mkdt {
namespace {

class RepresentationTaskTest : public ::testing::Test {
 protected:
  RepresentationTaskTest() {
    at::Generator generator = make_generator(3, "test");
    real_ = regression_set(torch::randn({12, 3, 8, 8}, generator), torch::randn({12, 4}, generator),
                           torch::kCPU);
    state_.images = torch::randn({6, 3, 8, 8}, generator);
    state_.targets = torch::randn({6, 4}, generator);
    state_.syn_lr = 0.05;
    options_.batch = 4;
    options_.max_free_steps = 3;
    options_.real_batch = 5;
  }

  // Of the fresh student that the task of `seed` starts with.
  torch::Tensor fresh(uint64_t seed) const {
    at::Generator generator = make_generator(seed, "task");
    draw_below(options_.max_free_steps + 1, generator);
    return network_->initialise(generator);
  }
  OuterTask task(uint64_t seed) const {
    at::Generator generator = make_generator(seed, "task");
    return representation_tasks(*network_, real_, options_, observer_)(state_, generator);
  }

  NetworkPtr network_ = std::make_shared<ConvNet>(ConvNetShape{3, 8, 4, 2, 4});
  RegressionSet real_;
  DistillState state_;
  DistillOptions options_;
  testing::Stopper observer_;
};

// ∂J/∂θ against central differences in float64.
TEST_F(RepresentationTaskTest, TheObjectiveIsTheLossWithItsGradient) {
  at::Generator generator = make_generator(4, "test");
  const torch::Tensor images = torch::randn({5, 3, 8, 8}, generator, torch::kFloat64);
  const torch::Tensor targets = torch::randn({5, 4}, generator, torch::kFloat64);
  const torch::Tensor theta = network_->initialise(generator).to(torch::kFloat64);
  const torch::Tensor direction = torch::randn(theta.sizes(), generator, torch::kFloat64);
  const OuterObjective objective =
      regression_objective(make_regression_gradient(*network_, theta), images, targets);
  const auto loss_at = [&](double step) {
    return regression_loss(*network_, theta + step * direction, images, targets).item<double>();
  };
  const OuterLoss found = objective(theta);
  EXPECT_NEAR(found.value, loss_at(0), 1e-12);
  constexpr double kStep = 1e-6;
  const double slope = (loss_at(kStep) - loss_at(-kStep)) / (2 * kStep);
  EXPECT_NEAR(found.gradient.dot(direction).item<double>(), slope, 1e-6 * std::abs(slope));
}

TEST_F(RepresentationTaskTest, WithoutFreeStepsTheStudentIsFresh) {
  options_.max_free_steps = 0;
  for (uint64_t seed = 0; seed < 3; ++seed) {
    EXPECT_TRUE(torch::equal(task(seed).theta_start, fresh(seed)));
  }
}

// 0, 1, 2 or 3 steps with momentum on the synthetic set: how far the student has gone tells how
// many.
TEST_F(RepresentationTaskTest, FreeStepsAreTakenOnTheSyntheticSet) {
  options_.batch = 6;  // all of it: every step has the same images
  options_.syn_momentum = 0.9;
  std::set<int> seen;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Student student;
    student.theta = fresh(seed);
    const torch::Tensor start = task(seed).theta_start;
    int steps = 0;
    while (steps <= options_.max_free_steps && !torch::allclose(student.theta, start, 1e-4, 1e-6)) {
      sgd_step(*network_, student, state_.images, state_.targets,
               {state_.syn_lr, options_.syn_momentum, 0});
      ++steps;
    }
    ASSERT_LE(steps, options_.max_free_steps) << "seed " << seed;
    const torch::Tensor velocity = task(seed).velocity_start;
    ASSERT_EQ(velocity.defined(), steps > 0);
    if (steps > 0) {
      EXPECT_TRUE(torch::allclose(velocity, student.velocity, 1e-3, 1e-5));
    }
    seen.insert(steps);
  }
  EXPECT_EQ(seen.size(), 4U);
}

TEST_F(RepresentationTaskTest, RealImagesKeepTheirTargets) {
  // Each image's target says which one it is, and the loss whose targets it was given: at θ = 0 the
  // outputs are 0, so J is the mean of squared targets of five different images of these.
  real_.targets = torch::pow(2.0, torch::arange(12, torch::kFloat32)).view({12, 1}).expand({12, 4});
  const torch::Tensor zero = torch::zeros({network_->layout().size()});
  std::set<double> seen;
  for (uint64_t seed = 0; seed < 8; ++seed) {
    double rest = 5 * task(seed).objective(zero).value;
    seen.insert(rest);
    int images = 0;
    for (int i = 11; i >= 0; --i) {
      const double square = std::pow(4.0, i);
      if (rest + 0.5 < square) continue;
      rest -= square;
      ++images;
    }
    EXPECT_EQ(images, 5);
    EXPECT_NEAR(rest, 0, 0.5);
  }
  EXPECT_GT(seen.size(), 4U);  // different ones each time
}

TEST_F(RepresentationTaskTest, TheLossIsOfRealImages) {
  options_.real_batch = static_cast<int64_t>(real_.size());
  const OuterTask drawn = task(1);
  const torch::Tensor theta = fresh(7);
  EXPECT_NEAR(drawn.objective(theta).value, representation_loss(*network_, theta, real_), 1e-5);
}

}  // namespace
}  // namespace mkdt
