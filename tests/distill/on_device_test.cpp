// Distillation on a device, beside the same on the CPU.
#include <gtest/gtest.h>

#include "mkdt/base/random.h"
#include "mkdt/distill/distiller.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/distill/representation_task.h"
#include "mkdt/distill/subset.h"
#include "mkdt/distill/trajectory_task.h"
#include "mkdt/nn/convnet.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/fixtures/test_device.h"

namespace mkdt {
namespace {

using testing::on_test_device;

TEST(OnTheDevice, ClustersAreTheSame) {
  at::Generator generator = make_generator(1, "test/groups");
  const torch::Tensor centres = torch::randn({6, 4}, generator) * 100;
  const torch::Tensor values = centres.repeat({30, 1}) + torch::randn({180, 4}, generator) * 0.1;
  const Clusters found = kmeans(on_test_device(values), 6, 2), expected = kmeans(values, 6, 2);
  EXPECT_TRUE(torch::equal(found.assignments.cpu(), expected.assignments));
  EXPECT_TRUE(torch::allclose(found.centroids.cpu(), expected.centroids, 1e-4, 1e-3));
  EXPECT_TRUE(
      torch::equal(kmeans_subset(on_test_device(values), 6, 2), kmeans_subset(values, 6, 2)));
}

class DistillOnTheDevice : public ::testing::Test {
 protected:
  DistillOnTheDevice() {
    options_.iterations = 6;
    options_.syn_steps = 3;
    options_.batch = 4;
    options_.syn_lr = 0.05;
    options_.max_free_steps = 2;
    options_.real_batch = 5;
    at::Generator generator = make_generator(1, "test");
    images_ = torch::randn({6, 3, 8, 8}, generator);
    targets_ = torch::randn({6, 4}, generator);
    for (int64_t index = 0; index < store_.count(); ++index) {
      torch::Tensor theta = network_->initialise(generator);
      std::vector<torch::Tensor> thetas = {theta};
      for (int epoch = 0; epoch < 3; ++epoch) {
        theta = theta + 0.02 * torch::randn(theta.sizes(), generator);
        thetas.push_back(theta);
      }
      store_.write(index, {network_, torch::stack(thetas), {1, 1, 1}}, "key");
    }
  }

  std::vector<double> losses(torch::Device device, const DrawOuterTask& task,
                             const std::string& name) const {
    const CheckpointPlan checkpoint = {folder_ / name, "key", 2};
    const Distillation distillation = {network_, options_, /*seed=*/5, device, checkpoint, task};
    SyntheticSet start;
    start.images = images_.flip(0) * 0.5;
    start.targets = targets_.flip(0);
    start.syn_lr = options_.syn_lr;
    Observer silent;
    return distill(distillation, start, silent).losses;
  }
  static void expect_near(const std::vector<double>& found, const std::vector<double>& expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
      EXPECT_NEAR(found[i], expected[i], 1e-2 * std::abs(expected[i])) << i;
    }
  }

  NetworkPtr network_ = std::make_shared<ConvNet>(ConvNetShape{3, 8, 4, 2, 4});
  torch::Tensor images_, targets_;
  testing::TemporaryFolder folder_;
  TrajectoryStore store_{folder_ / "experts", 2};
  DistillOptions options_;
  Observer never_;  // wants to stop
};

TEST_F(DistillOnTheDevice, MatchesTrajectories) {
  const auto on = [&](torch::Device device, const std::string& name) {
    return losses(device, trajectory_tasks(*network_, store_, options_, device), name);
  };
  expect_near(on(testing::test_device(), "there"), on(torch::kCPU, "here"));
}

TEST_F(DistillOnTheDevice, MatchesRepresentations) {
  const auto on = [&](torch::Device device, const std::string& name) {
    const RegressionSet real = regression_set(images_, targets_, device);
    return losses(device, representation_tasks(*network_, real, options_, never_), name);
  };
  expect_near(on(testing::test_device(), "there"), on(torch::kCPU, "here"));
}

}  // namespace
}  // namespace mkdt
