#include "mkdt/baseline/ssl_student.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "mkdt/base/error.h"
#include "mkdt/ssl/losses.h"
#include "tests/baseline/ssl_fixture.h"

namespace mkdt {
namespace {

using testing::gratings;
using testing::tiny_network;
using testing::tiny_ssl;

class SslStudentTest : public ::testing::Test {
 protected:
  torch::Tensor normal(std::vector<int64_t> shape) {
    return torch::randn(shape, generator_, torch::kFloat64);
  }
  at::Generator generator_ = make_generator(1, "test");
  NetworkPtr network_ = tiny_network();
  SslStudent student_{network_, tiny_ssl()};
};

TEST_F(SslStudentTest, IsTheNetworkWithAProjectorInPlaceOfItsHead) {
  const int64_t head = 5 * (network_->feature_dim() + 1);
  const int64_t projector = 7 * network_->feature_dim() + 7 + 6 * 7 + 6;
  ASSERT_EQ(student_.layout().size(), network_->layout().size() - head + projector);
  EXPECT_EQ(student_.output_dim(), 6);

  const torch::Tensor theta_network = network_->initialise(generator_);
  const torch::Tensor theta = student_.join(theta_network, generator_);
  const torch::Tensor images = normal({3, 3, 8, 8}).to(torch::kFloat32);
  const torch::Tensor features = network_->features(theta_network, images);
  const torch::Tensor tail = theta.slice(0, theta.size(0) - projector);
  const torch::Tensor first = tail.slice(0, 0, 7 * network_->feature_dim()).view({7, -1});
  const torch::Tensor bias = tail.slice(0, first.numel(), first.numel() + 7);
  const torch::Tensor second = tail.slice(0, first.numel() + 7, -6).view({6, 7});
  const torch::Tensor hidden = (features.matmul(first.t()) + bias).clamp_min(0);
  EXPECT_TRUE(torch::allclose(student_.features(theta, images), hidden, 1e-4, 1e-5));
  const torch::Tensor expected = hidden.matmul(second.t()) + tail.slice(0, -6);
  EXPECT_TRUE(torch::allclose(student_.outputs(theta, images), expected, 1e-4, 1e-5));
}

TEST_F(SslStudentTest, GivesItsBodyBackWithTheNetworksHead) {
  const torch::Tensor theta_network = network_->initialise(generator_);
  const torch::Tensor theta = student_.join(theta_network, generator_) + 1;
  const torch::Tensor back = student_.body_into(theta_network, theta);
  const int64_t body = network_->layout().size() - 5 * (network_->feature_dim() + 1);
  EXPECT_TRUE(torch::equal(back.slice(0, 0, body), theta_network.slice(0, 0, body) + 1));
  EXPECT_TRUE(torch::equal(back.slice(0, body), theta_network.slice(0, body)));
}

TEST_F(SslStudentTest, IsBuiltAgainFromItsDescription) {
  const NetworkPtr again = make_ssl_student(student_.describe(), "here");
  EXPECT_EQ(difference(*again, student_), "");
  const NetworkPtr stock = student_.with_operators(Operators::kStock);
  EXPECT_EQ(difference(*stock, student_), "");
  try {
    make_ssl_student(network_->describe(), "here");
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("here: no 'projector_hidden'"), std::string::npos) << message;
  }
}

TEST_F(SslStudentTest, LossIsBarlowTwinsADimension) {
  const torch::Tensor theta = student_.initialise(generator_).to(torch::kFloat64);
  const torch::Tensor first = normal({9, 3, 8, 8}), second = normal({9, 3, 8, 8});
  const double expected =
      barlow_twins_loss(student_.outputs(theta, first), student_.outputs(theta, second), 0.05)
          .item<double>() /
      6;
  EXPECT_NEAR(ssl_loss(student_, theta, first, second, 0.05).item<double>(), expected, 1e-12);
}

TEST_F(SslStudentTest, GradientIsThatOfFiniteDifferences) {
  const torch::Tensor initial = student_.initialise(generator_).to(torch::kFloat64);
  const torch::Tensor theta = (initial + 0.1 * normal({initial.size(0)})).requires_grad_(true);
  const torch::Tensor first = normal({9, 3, 8, 8});
  const torch::Tensor second = first + 0.5 * normal({9, 3, 8, 8});
  const auto loss = [&](const torch::Tensor& at) {
    return ssl_loss(student_, at, first, second, 0.05);
  };
  const torch::Tensor gradient = torch::autograd::grad({loss(theta)}, {theta})[0];
  for (int i = 0; i < 5; ++i) {
    const torch::Tensor along = normal({initial.size(0)});
    testing::expect_slope([&](double t) { return loss(theta.detach() + t * along).item<double>(); },
                          gradient.dot(along).item<double>());
  }
}

TEST_F(SslStudentTest, StepIsSgdOnTheGradient) {
  const torch::Tensor start = student_.initialise(generator_).to(torch::kFloat64);
  const torch::Tensor first = normal({9, 3, 8, 8}), second = normal({9, 3, 8, 8});
  const SgdOptions sgd = {0.1, 0.9, 0.01};
  Student state;
  state.theta = start;
  torch::Tensor theta = start, velocity = torch::zeros_like(start);
  for (int i = 0; i < 3; ++i) {
    const torch::Tensor leaf = theta.detach().requires_grad_(true);
    const torch::Tensor loss = ssl_loss(student_, leaf, first, second, 0.05);
    velocity = 0.9 * velocity + torch::autograd::grad({loss}, {leaf})[0] + 0.01 * theta;
    theta = theta - 0.1 * velocity;
    EXPECT_NEAR(ssl_step(student_, state, first, second, 0.05, sgd), loss.item<double>(), 1e-12);
  }
  EXPECT_TRUE(torch::allclose(state.theta, theta, 1e-12, 1e-12));
}

TEST_F(SslStudentTest, TrainingOnViewsLowersTheLoss) {
  const SslSource source = ssl_source(gratings(32, 8, 1), torch::kCPU);
  Student state;
  state.theta = student_.initialise(generator_);
  double before = 0, after = 0;
  for (int i = 0; i < 80; ++i) {
    const double loss = ssl_step(student_, state, source, torch::arange(32), tiny_ssl(),
                                 {0.05, 0.9, 0}, generator_);
    if (i < 10) before += loss / 10;
    if (i >= 70) after += loss / 10;
  }
  EXPECT_LT(after, 0.7 * before);
}

TEST(SslSource, GreyImagesKeepTheirOneChannel) {
  ImageSet grey = gratings(4, 8, 1);
  grey.images = grey.images.narrow(1, 0, 1).contiguous();
  grey.normalisation = {{0.5F}, {0.25F}};
  const std::vector<ViewParameters> whole(
      2, ViewParameters{0, 0, 8, 8, false, false, false, 1, 1, 1, 0, 0});
  const torch::Tensor rows = torch::tensor({3, 1});
  const torch::Tensor expected = grey.normalised(rows, torch::kCPU);
  EXPECT_TRUE(
      torch::allclose(ssl_source(grey, torch::kCPU).views_of(rows, whole), expected, 1e-5, 1e-5));
  const SslSource synthetic =
      ssl_source(grey.normalised(torch::kCPU), grey.normalisation, torch::kCPU);
  EXPECT_TRUE(torch::allclose(synthetic.views_of(rows, whole), expected, 1e-5, 1e-5));
  EXPECT_EQ(synthetic.size, 4);
  EXPECT_EQ(synthetic.image_size, 8);
}

}  // namespace
}  // namespace mkdt
