#include <cmath>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/distill/pretrain.h"
#include "tests/judge/judge_fixture.h"

namespace mkdt {
namespace {

using testing::kOutputs;
using testing::tiny_network;
using testing::tiny_regression_set;

class FittedHead : public ::testing::Test {
 protected:
  torch::Tensor features(const torch::Tensor& theta) const {
    return network_->features(theta, training_.images_at(torch::arange(40, torch::kLong)))
        .to(torch::kFloat64);
  }

  NetworkPtr network_ = tiny_network();
  RegressionSet training_ = tiny_regression_set(40, 1);
  torch::Tensor theta_ = initial_encoder(*network_, 3, torch::kCPU);
};

// The objective with its ridge is a least-squares problem with further rows.
TEST_F(FittedHead, IsTheLeastSquaresSolution) {
  const double ridge = 0.01;
  const torch::Tensor x = features(theta_), z = training_.targets.to(torch::kFloat64);
  const torch::Tensor centred = x - x.mean(0);
  const int64_t f = x.size(1);
  const double weight = std::sqrt(40 * ridge * centred.square().mean().item<double>());
  const torch::Tensor system = torch::cat(
      {torch::cat({x, torch::ones({40, 1}, torch::kFloat64)}, 1),
       torch::cat({torch::eye(f, torch::kFloat64) * weight, torch::zeros({f, 1}, torch::kFloat64)},
                  1)});
  const torch::Tensor wanted = torch::cat({z, torch::zeros({f, kOutputs}, torch::kFloat64)});
  const torch::Tensor solution = std::get<0>(torch::linalg_lstsq(system, wanted));

  const torch::Tensor fitted = with_fitted_head(*network_, theta_, training_, ridge);
  const std::vector<torch::Tensor> parameters = network_->layout().views(fitted);
  const size_t head = parameters.size() - 2;
  EXPECT_TRUE(torch::allclose(parameters[head].to(torch::kFloat64), solution.slice(0, 0, f).t(),
                              1e-4, 1e-5));
  EXPECT_TRUE(torch::allclose(parameters[head + 1].to(torch::kFloat64), solution[f], 1e-4, 1e-5));
}

TEST_F(FittedHead, LeavesTheBodyAndLowersTheLoss) {
  const torch::Tensor fitted = with_fitted_head(*network_, theta_, training_, 1e-3);
  const int64_t body = theta_.numel() - network_->feature_dim() * kOutputs - kOutputs;
  EXPECT_TRUE(torch::equal(fitted.slice(0, 0, body), theta_.slice(0, 0, body)));
  EXPECT_LT(representation_loss(*network_, fitted, training_),
            0.5 * representation_loss(*network_, theta_, training_));
}

// Without information in the features the mean of the targets is left.
TEST_F(FittedHead, DeadFeaturesPredictTheMean) {
  const torch::Tensor fitted =
      with_fitted_head(*network_, torch::zeros_like(theta_), training_, 1e-3);
  const double expected =
      (training_.targets - training_.targets.mean(0)).square().mean().item<double>();
  EXPECT_NEAR(representation_loss(*network_, fitted, training_), expected, 1e-5);
}

TEST_F(FittedHead, RefusesFeaturesThatAreNotFinite) {
  EXPECT_THROW(with_fitted_head(*network_, theta_ * std::nan(""), training_, 1e-3), Error);
}

}  // namespace
}  // namespace mkdt
