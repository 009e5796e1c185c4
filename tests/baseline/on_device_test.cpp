// KRR-ST on a device, beside the same on the CPU.
#include <gtest/gtest.h>

#include "mkdt/base/random.h"
#include "mkdt/baseline/kernel_ridge.h"
#include "mkdt/baseline/krr_st.h"
#include "mkdt/nn/convnet.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/fixtures/test_device.h"
#include "tests/nn/ops/derivatives.h"

namespace mkdt {
namespace {

using testing::on_test_device;
using testing::relative_error;

torch::Tensor normal(std::vector<int64_t> shape, uint64_t index) {
  at::Generator generator = make_generator(2, "test/normal", index);
  return torch::randn(shape, generator, torch::kFloat64);
}

// More features than images, and fewer: the two forms.
TEST(OnTheDevice, KernelRidgeSolves) {
  for (const auto& [size, features] : {std::pair<int64_t, int64_t>{12, 40}, {60, 9}}) {
    const torch::Tensor real = normal({7, features}, 0), synthetic = normal({size, features}, 1);
    const torch::Tensor targets = normal({size, 3}, 2);
    const double lambda = ridge_constant(synthetic, 1e-6);
    EXPECT_NEAR(ridge_constant(on_test_device(synthetic), 1e-6), lambda, 1e-11 * lambda);
    const torch::Tensor found = kernel_ridge(on_test_device(real), on_test_device(synthetic),
                                             on_test_device(targets), lambda);
    EXPECT_LE(relative_error(found.cpu(), kernel_ridge(real, synthetic, targets, lambda)), 1e-8);
  }
}

TEST(OnTheDevice, TheGradientOfKrrSt) {
  const ConvNet network({3, 8, 4, 2, 4});
  at::Generator generator = make_generator(4, "test/theta");
  const torch::Tensor theta = network.initialise(generator).to(torch::kFloat64);
  const auto gradient = [&](torch::Device device) {
    const auto there = [&](const torch::Tensor& tensor) { return tensor.to(device); };
    return krr_st_gradient(network, there(theta), there(normal({6, 3, 8, 8}, 0)),
                           there(normal({6, 4}, 1)), there(normal({9, 3, 8, 8}, 2)),
                           there(normal({9, 4}, 3)), 1e-3);
  };
  const KrrStGradient found = gradient(testing::test_device()), expected = gradient(torch::kCPU);
  EXPECT_NEAR(found.loss, expected.loss, 1e-9 * expected.loss);
  EXPECT_LE(relative_error(found.images.cpu(), expected.images), 1e-8);
  EXPECT_LE(relative_error(found.targets.cpu(), expected.targets), 1e-8);
}

TEST(OnTheDevice, KrrStTakesTheSameSteps) {
  const testing::TemporaryFolder folder;
  ImageSet images;
  at::Generator generator = make_generator(1, "test/images");
  images.images = torch::randint(256, {40, 3, 8, 8}, generator, torch::kUInt8);
  images.normalisation = {{0.5F, 0.5F, 0.5F}, {0.2F, 0.2F, 0.2F}};
  const torch::Tensor targets = normal({40, 4}, 0).to(torch::kFloat32);
  KrrStOptions options;
  options.steps = 5;
  options.batch = 16;
  options.lr = 0.02;
  options.pool = 2;
  options.reinitialise_after = 4;
  options.student_lr = 0.05;
  const auto losses = [&](torch::Device device) {
    const KrrSt problem = {std::make_shared<ConvNet>(ConvNetShape{3, 8, 4, 2, 4}),
                           images,
                           targets.to(device),
                           options,
                           /*seed=*/5,
                           device,
                           {folder / device.str(), "key", 2}};
    Observer silent;
    SyntheticSet start;
    start.images = images.normalised(torch::arange(6, torch::kInt64), torch::kCPU).to(device);
    start.targets = targets.slice(0, 0, 6).to(device);
    return krr_st(problem, start, silent).losses;
  };
  const std::vector<double> expected = losses(torch::kCPU);
  const std::vector<double> found =
      testing::test_device().is_cpu() ? expected : losses(testing::test_device());
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i], expected[i], 0.02 * std::abs(expected[i])) << i;
  }
}

}  // namespace
}  // namespace mkdt
