#include "mkdt/distill/outer_iteration.h"

#include <gtest/gtest.h>

#include "mkdt/base/random.h"
#include "mkdt/data/batches.h"
#include "mkdt/distill/trajectory_task.h"
#include "mkdt/nn/convnet.h"

namespace mkdt {
namespace {

class OuterIterationTest : public ::testing::Test {
 protected:
  OuterIterationTest() {
    options_.syn_steps = 3;
    options_.batch = 4;
    options_.short_batches = true;
    options_.syn_momentum = 0.7;
    options_.engine = "autograd";
    at::Generator generator = make_generator(1, "test");
    state_.images = torch::randn({6, 3, 8, 8}, generator);
    state_.targets = torch::randn({6, 4}, generator);
    state_.syn_lr = 0.05;
    task_.theta_start = network_->initialise(generator);
    task_.velocity_start = 0.1 * network_->initialise(generator);
    task_.objective = matching_loss(task_.theta_start, network_->initialise(generator));
  }

  Distillation distillation() const {
    return {network_,          options_,
            /*seed=*/5,        torch::kCPU,
            /*checkpoint=*/{}, [this](const DistillState&, at::Generator&) { return task_; }};
  }
  MetaGradient gradient() const {
    const Distillation of = distillation();
    at::Generator generator = make_generator(2, "test");
    return OuterIteration(of, state_.targets).gradient(state_, generator, Observer());
  }

  NetworkPtr network_ = std::make_shared<ConvNet>(ConvNetShape{3, 8, 4, 2, 4});
  DistillOptions options_;
  DistillState state_;
  OuterTask task_;
};

TEST_F(OuterIterationTest, AsksTheEngineForAllThatTheOptionsSay) {
  at::Generator generator = make_generator(2, "test");
  const std::vector<torch::Tensor> batches =
      batches_for_steps(6, options_.batch, options_.syn_steps, generator, LastBatch::kShort);
  const InnerProblem problem = {*network_,        task_.theta_start,     state_.images,
                                state_.targets,   state_.syn_lr,         batches,
                                /*loss=*/nullptr, options_.syn_momentum, task_.velocity_start};
  const MetaGradient expected = autograd_meta_gradient(problem, task_.objective);
  const MetaGradient found = gradient();
  EXPECT_EQ(found.loss, expected.loss);
  EXPECT_EQ(found.lr, expected.lr);
  EXPECT_TRUE(torch::equal(found.images, expected.images));
  EXPECT_TRUE(torch::equal(found.targets, expected.targets));
  options_.syn_momentum = 0;
  EXPECT_NE(gradient().loss, expected.loss);
}

TEST_F(OuterIterationTest, LeavesASnapshotOfTheStateAlone) {
  const DistillState before = state_;
  const torch::Tensor images = state_.images.clone();
  const Distillation of = distillation();
  OuterIteration(of, state_.targets).update(state_, gradient());
  EXPECT_TRUE(torch::equal(before.images, images));
  EXPECT_FALSE(torch::equal(state_.images, images));
  EXPECT_NE(state_.syn_lr, before.syn_lr);
}

}  // namespace
}  // namespace mkdt
