#include "mkdt/nn/native/convnet_engine.h"

#include <cmath>
#include <limits>
#include <random>
#include <string>

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "mkdt/base/random.h"
#include "mkdt/nn/convnet.h"
#include "mkdt/nn/native/forward.h"
#include "mkdt/nn/regression.h"
#include "tests/fixtures/thread_count.h"

namespace mkdt::native {
namespace {

constexpr double kTolerance = 1e-10;  // float64 against PyTorch's own operators

void expect_close(const torch::Tensor& found, const torch::Tensor& expected, const char* what) {
  const double error = (found - expected).norm().item<double>();
  EXPECT_LE(error, kTolerance * expected.norm().item<double>()) << what;
}

// A network, a batch of some rows of a set, and a direction, drawn from one seed.
struct RandomCase {
  explicit RandomCase(const ConvNetShape& shape, int64_t batch, uint64_t seed)
      : network(shape),
        stock(network.with_operators(Operators::kStock)),
        generator(make_generator(seed, "convnet engine test")),
        theta(network.initialise(generator).to(torch::kFloat64)),
        direction(normal({theta.numel()})),
        images(normal({batch + 3, shape.channels, shape.image_size, shape.image_size})),
        targets(normal({batch + 3, shape.outputs})),
        rows(torch::randperm(batch + 3, generator, torch::kInt64).slice(0, 0, batch).clone()) {
    theta += 0.1 * normal({theta.numel()});
  }

  torch::Tensor normal(std::vector<int64_t> sizes) {
    return torch::randn(sizes, generator, torch::kFloat64);
  }
  Batch<double> batch() const {
    return {images.data_ptr<double>(), targets.data_ptr<double>(), rows.data_ptr<int64_t>(),
            rows.numel()};
  }

  ConvNet network;
  NetworkPtr stock;
  at::Generator generator;
  torch::Tensor theta, direction, images, targets, rows;
};

void check(const RandomCase& c, Isa isa) {
  const torch::Tensor theta = c.theta.clone().requires_grad_();
  const torch::Tensor images = c.images.index_select(0, c.rows).requires_grad_();
  const torch::Tensor targets = c.targets.index_select(0, c.rows).requires_grad_();
  const torch::Tensor loss = regression_loss(*c.stock, theta, images, targets);
  const torch::Tensor gradient = torch::autograd::grad({loss}, {theta}, {}, true, true)[0];
  const torch::Tensor s = gradient.dot(c.direction);
  const auto expected = torch::autograd::grad({s}, {theta, images, targets});

  ConvNetEngine<double> engine(c.network, c.rows.numel(), true, isa);
  const torch::Tensor found = torch::full_like(c.theta, 7);
  EXPECT_NEAR(engine.gradient(c.theta.data_ptr<double>(), c.batch(), found.data_ptr<double>()),
              loss.item<double>(), kTolerance * loss.item<double>());
  expect_close(found, gradient.detach(), "gradient");

  const torch::Tensor images_dot = torch::full_like(images.detach(), 7);
  const torch::Tensor targets_dot = torch::full_like(targets.detach(), 7);
  found.fill_(7);
  const double tangent = engine.directional(
      c.theta.data_ptr<double>(), c.direction.data_ptr<double>(), c.batch(),
      {found.data_ptr<double>(), images_dot.data_ptr<double>(), targets_dot.data_ptr<double>()});
  EXPECT_NEAR(tangent, s.item<double>(), kTolerance * std::abs(s.item<double>()));
  expect_close(found, expected[0], "along theta");
  expect_close(images_dot, expected[1], "along images");
  expect_close(targets_dot, expected[2], "along targets");

  const torch::Tensor outputs = torch::full_like(targets.detach(), 7);
  engine.outputs(c.theta.data_ptr<double>(), c.batch(), outputs.data_ptr<double>());
  expect_close(outputs, c.stock->outputs(c.theta, images.detach()), "outputs");
  const torch::Tensor features =
      torch::empty({c.rows.numel(), c.network.feature_dim()}, torch::kFloat64);
  engine.features(c.theta.data_ptr<double>(), c.batch(), features.data_ptr<double>());
  expect_close(features, c.stock->features(c.theta, images.detach()), "features");
}

class NativeConvNetEngine : public ::testing::TestWithParam<Isa> {};

// Every kind of size: odd planes, one channel, widths beside the vector's, batches beside the
// micro-batch's, planes smaller than a tile.
TEST_P(NativeConvNetEngine, AgreesWithPyTorchOnSizesOfEveryKind) {
  const std::vector<std::pair<ConvNetShape, int64_t>> cases = {
      {{3, 32, 16, 3, 8}, 17}, {{1, 28, 5, 3, 3}, 3},   {{3, 7, 33, 2, 20}, 9},
      {{3, 2, 3, 1, 1}, 1},    {{1, 5, 17, 2, 17}, 2},  {{3, 64, 4, 4, 6}, 5},
      {{3, 48, 3, 2, 2}, 2},   {{17, 9, 18, 3, 5}, 8},  {{3, 96, 2, 1, 2}, 2},
      {{3, 128, 2, 5, 3}, 2},  {{2, 13, 32, 1, 40}, 19}};
  uint64_t seed = 0;
  for (const auto& [shape, batch] : cases) {
    SCOPED_TRACE("image size " + std::to_string(shape.image_size) + ", width " +
                 std::to_string(shape.width) + ", batch " + std::to_string(batch));
    check(RandomCase(shape, batch, ++seed), GetParam());
  }
}

TEST_P(NativeConvNetEngine, AgreesWithPyTorchOnRandomSizes) {
  for (uint64_t seed = 100; seed < 112; ++seed) {
    std::mt19937_64 integers(seed);
    const auto pick = [&](int64_t lowest, int64_t highest) {
      return std::uniform_int_distribution<int64_t>(lowest, highest)(integers);
    };
    ConvNetShape shape;
    shape.depth = pick(1, 4);
    shape.image_size = pick(int64_t{1} << shape.depth, 30);
    shape.channels = pick(1, 4);
    shape.width = pick(1, 40);
    shape.outputs = pick(1, 40);
    SCOPED_TRACE("seed " + std::to_string(seed));
    check(RandomCase(shape, pick(1, 20), seed), GetParam());
  }
}

INSTANTIATE_TEST_SUITE_P(All, NativeConvNetEngine, ::testing::ValuesIn(available_isas()),
                         [](const auto& isa) { return std::string(isa_name(isa.param)); });

TEST(ConvNetEngine, TakesABatchLargerThanItWasMadeFor) {
  const RandomCase c({3, 8, 4, 2, 3}, 21, 1);
  ConvNetEngine<double> engine(c.network, 4, false, chosen_isa());
  const torch::Tensor outputs = torch::empty({21, 3}, torch::kFloat64);
  engine.outputs(c.theta.data_ptr<double>(), c.batch(), outputs.data_ptr<double>());
  expect_close(outputs, c.stock->outputs(c.theta, c.images.index_select(0, c.rows)), "outputs");
}

// The first block's variance comes from a covariance of neighbourhoods: it must not lose more
// digits than PyTorch's own where the images hardly vary.
TEST(ConvNetEngine, HardlyVaryingImagesKeepTheirDigits) {
  RandomCase c({3, 16, 16, 2, 8}, 6, 9);
  c.images.mul_(0.01).add_(2);
  c.images[0].fill_(-1.5);
  const torch::Tensor images = c.images.index_select(0, c.rows);
  const torch::Tensor exact = c.stock->features(c.theta, images);
  const torch::Tensor theta = c.theta.to(torch::kFloat32);
  const torch::Tensor all = c.images.to(torch::kFloat32), targets = c.targets.to(torch::kFloat32);
  const torch::Tensor stock = c.stock->features(theta, images.to(torch::kFloat32));
  const torch::Tensor found = torch::empty_like(stock);
  const auto error = [&](const torch::Tensor& features) {
    return (features.to(torch::kFloat64) - exact).norm().item<double>();
  };
  for (const Isa isa : available_isas()) {
    ConvNetEngine<float> engine(c.network, c.rows.numel(), false, isa);
    engine.features(theta.data_ptr<float>(),
                    {all.data_ptr<float>(), targets.data_ptr<float>(), c.rows.data_ptr<int64_t>(),
                     c.rows.numel()},
                    found.data_ptr<float>());
    EXPECT_LE(error(found), 4 * error(stock) + 1e-6 * exact.norm().item<double>()) << isa_name(isa);
  }
}

TEST(ConvNetEngine, ADivergedStudentDoesNotLookHealthy) {
  const RandomCase c({3, 8, 4, 2, 3}, 5, 3);
  for (const Isa isa : available_isas()) {
    const torch::Tensor theta = c.theta.clone();
    theta[0] = std::numeric_limits<double>::quiet_NaN();  // a weight of the first convolution
    ConvNetEngine<double> engine(c.network, 5, false, isa);
    const torch::Tensor gradient = torch::empty_like(theta);
    EXPECT_TRUE(std::isnan(
        engine.gradient(theta.data_ptr<double>(), c.batch(), gradient.data_ptr<double>())))
        << isa_name(isa);
  }
}

TEST(NativeForward, RefusesTensorsThatDoNotFit) {
  const RandomCase c({3, 8, 4, 2, 3}, 5, 3);
  EXPECT_NO_THROW(check_tensors(c.network, c.theta, c.images, c.targets));
  EXPECT_THROW(check_tensors(c.network, c.theta.slice(0, 1), c.images, c.targets), c10::Error);
  EXPECT_THROW(check_tensors(c.network, c.theta, c.images.slice(1, 1), c.targets), c10::Error);
  EXPECT_THROW(check_tensors(c.network, c.theta, c.images, c.targets.slice(1, 1)), c10::Error);
  EXPECT_THROW(check_tensors(c.network, c.theta, c.images, c.targets.slice(0, 1)), c10::Error);
  EXPECT_THROW(check_tensors(c.network, c.theta, c.images.to(torch::kFloat32), c.targets),
               c10::Error);
}

TEST(NativeForward, IsForFusedConvNetsOfModerateWidth) {
  const RandomCase c({3, 8, 4, 2, 3}, 5, 3);
  EXPECT_EQ(native_convnet(c.network, c.theta), &c.network);
  EXPECT_EQ(native_convnet(*c.stock, c.theta), nullptr);
  EXPECT_EQ(native_convnet(c.network, c.theta.to(torch::kBFloat16)), nullptr);
  EXPECT_EQ(native_convnet(ConvNet({3, 8, kMostWidth + 1, 1, 3}), c.theta), nullptr);
  EXPECT_EQ(native_convnet(ConvNet({kMostChannels + 1, 8, 4, 1, 3}), c.theta), nullptr);
  EXPECT_EQ(native_convnet(*c.network.with_operators(Operators::kBfloat16), c.theta), nullptr);
}

TEST(ConvNetEngine, TheNumberOfThreadsChangesNoBit) {
  for (const int64_t batch : {5, 23, 130}) {
    const RandomCase c({3, 16, 12, 2, 5}, batch, 2);
    const auto derivatives = [&](int threads) {
      const testing::ThreadCount count(threads);
      ConvNetEngine<double> engine(c.network, batch, true, chosen_isa());
      std::vector<torch::Tensor> results = {torch::empty_like(c.theta), torch::empty_like(c.theta),
                                            torch::empty({batch, 3, 16, 16}, torch::kFloat64),
                                            torch::empty({batch, 5}, torch::kFloat64),
                                            torch::empty({2}, torch::kFloat64)};
      double* const at[] = {results[0].data_ptr<double>(), results[1].data_ptr<double>(),
                            results[2].data_ptr<double>(), results[3].data_ptr<double>()};
      results[4][0] = engine.gradient(c.theta.data_ptr<double>(), c.batch(), at[0]);
      results[4][1] =
          engine.directional(c.theta.data_ptr<double>(), at[0], c.batch(), {at[1], at[2], at[3]});
      return results;
    };
    const auto one = derivatives(1);
    for (const int threads : {2, 3}) {
      const auto several = derivatives(threads);
      for (size_t i = 0; i < one.size(); ++i) {
        EXPECT_TRUE(torch::equal(one[i], several[i])) << i << " batch " << batch;
      }
    }
  }
}

TEST(ConvNetEngine, ASmallerBatchAfterALargerOneIsTheSame) {
  const RandomCase large({3, 16, 12, 2, 5}, 130, 2), small({3, 16, 12, 2, 5}, 9, 2);
  const auto gradient = [&](bool after_larger) {
    ConvNetEngine<double> engine(small.network, 9, false, chosen_isa());
    const torch::Tensor result = torch::empty_like(small.theta);
    if (after_larger) {
      engine.gradient(large.theta.data_ptr<double>(), large.batch(), result.data_ptr<double>());
    }
    engine.gradient(small.theta.data_ptr<double>(), small.batch(), result.data_ptr<double>());
    return result;
  };
  EXPECT_TRUE(torch::equal(gradient(true), gradient(false)));
}

}  // namespace
}  // namespace mkdt::native
