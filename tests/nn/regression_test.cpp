#include "mkdt/nn/regression.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/optim/sgd.h>

#include "mkdt/base/random.h"
#include "mkdt/nn/convnet.h"
#include "tests/fixtures/test_device.h"

namespace mkdt {
namespace {

class Regression : public ::testing::Test {
 protected:
  const ConvNet network_{{2, 6, 3, 1, 4}};
  at::Generator generator_ = make_generator(1, "test");
  const torch::Tensor theta_ =
      testing::on_test_device(network_.initialise(generator_).to(torch::kFloat64));
  const torch::Tensor images_ =
      testing::on_test_device(torch::randn({5, 2, 6, 6}, generator_, torch::kFloat64));
  const torch::Tensor targets_ =
      testing::on_test_device(torch::randn({5, 4}, generator_, torch::kFloat64));
};

TEST_F(Regression, LossIsTheMeanOverAllElements) {
  const torch::Tensor outputs = network_.outputs(theta_, images_);
  double sum = 0;
  for (int64_t i = 0; i < 5; ++i) {
    for (int64_t k = 0; k < 4; ++k) {
      const double residual = (outputs[i][k] - targets_[i][k]).item<double>();
      sum += residual * residual;
    }
  }
  EXPECT_NEAR(regression_loss(network_, theta_, images_, targets_).item<double>(), sum / 20,
              testing::rounding(1e-14));
}

TEST_F(Regression, StepsAreThoseOfPyTorchsSgd) {
  const SgdOptions options = {0.05, 0.8, 1e-2};
  torch::Tensor expected = theta_.clone().requires_grad_(true);
  torch::optim::SGD optimiser({expected}, torch::optim::SGDOptions(options.lr)
                                              .momentum(options.momentum)
                                              .weight_decay(options.weight_decay));
  Student student{theta_, {}};
  for (int step = 0; step < 4; ++step) {
    optimiser.zero_grad();
    torch::Tensor loss = regression_loss(network_, expected, images_, targets_);
    loss.backward();
    EXPECT_NEAR(sgd_step(network_, student, images_, targets_, options), loss.item<double>(),
                testing::rounding(1e-13));
    optimiser.step();
    EXPECT_TRUE(student.theta.allclose(expected.detach(), testing::rounding(1e-11), 1e-13)) << step;
  }
  EXPECT_FALSE(student.theta.requires_grad());
}

TEST_F(Regression, AStepLeavesTheOldTensorsAlone) {
  const torch::Tensor before = theta_.clone();
  Student student{theta_, {}};
  sgd_step(network_, student, images_, targets_, {});
  const torch::Tensor velocity = student.velocity, copy = velocity.clone();
  sgd_step(network_, student, images_, targets_, {});
  EXPECT_TRUE(torch::equal(theta_, before));
  EXPECT_TRUE(torch::equal(velocity, copy));
}

TEST_F(Regression, MeanLossIsTheSameInBatches) {
  const torch::Tensor images = images_.repeat({60, 1, 1, 1});  // 300: more than one batch
  const torch::Tensor targets =
      testing::on_test_device(torch::randn({300, 4}, generator_, torch::kFloat64));
  const auto images_at = [&](int64_t begin, int64_t end) { return images.slice(0, begin, end); };
  EXPECT_NEAR(mean_regression_loss(network_, theta_, images_at, targets),
              regression_loss(network_, theta_, images, targets).item<double>(),
              testing::rounding(1e-12));
}

}  // namespace
}  // namespace mkdt
