#include "mkdt/nn/ops/norm_relu_pool.h"

#include <limits>

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "tests/fixtures/test_device.h"
#include "tests/nn/ops/derivatives.h"

namespace mkdt {
namespace {

using testing::derivatives;
using testing::Derivatives;
using testing::relative_error;
using testing::Tensors;

constexpr double kEps = 1e-5;

torch::Tensor fused(const Tensors& t) { return norm_relu_pool(t[0], t[1], t[2], kEps); }
torch::Tensor plain(const Tensors& t) { return norm_relu_pool_plain(t[0], t[1], t[2], kEps); }

struct Case {
  int64_t batch, channels, height, width;
};
const std::vector<Case> kCases = {{2, 3, 8, 8},  {3, 1, 7, 7},  {2, 4, 5, 9}, {1, 2, 2, 2},
                                  {2, 2, 1, 1},  {2, 2, 1, 2},  {2, 2, 3, 1}, {4, 3, 2, 3},
                                  {1, 5, 6, 11}, {2, 2, 32, 32}};

Tensors random_inputs(const Case& c, torch::Dtype dtype) {
  torch::manual_seed(c.batch + 10 * c.height + 100 * c.width);
  const torch::Tensor x = torch::randn({c.batch, c.channels, c.height, c.width}, dtype);
  return {testing::on_test_device(x * 2 + 0.7),
          testing::on_test_device(torch::randn({c.channels}, dtype)),
          testing::on_test_device(torch::randn({c.channels}, dtype) * 0.5)};
}

Tensors like(const Tensors& inputs) {
  Tensors result;
  for (const torch::Tensor& input : inputs) result.push_back(torch::randn_like(input));
  return result;
}

TEST(NormReluPool, IsWhatItsFormulaSays) {
  for (const Case& c : kCases) {
    const Tensors t = random_inputs(c, torch::kFloat64);
    const torch::Tensor found = fused(t);
    ASSERT_EQ(found.sizes(),
              (std::vector<int64_t>{c.batch, c.channels, c.height / 2, c.width / 2}));
    for (int64_t n = 0; n < c.batch; ++n) {
      for (int64_t k = 0; k < c.channels; ++k) {
        const torch::Tensor plane = t[0][n][k];
        const torch::Tensor variance = (plane - plane.mean()).square().mean();
        const torch::Tensor y = (plane - plane.mean()) / (variance + kEps).sqrt();
        const torch::Tensor z = (t[1][k] * y + t[2][k]).clamp_min(0);
        for (int64_t i = 0; i < c.height / 2; ++i) {
          for (int64_t j = 0; j < c.width / 2; ++j) {
            const double average =
                z.slice(0, 2 * i, 2 * i + 2).slice(1, 2 * j, 2 * j + 2).mean().item<double>();
            ASSERT_NEAR(found[n][k][i][j].item<double>(), average, testing::rounding(1e-13));
          }
        }
      }
    }
    if (c.height > 8) break;
  }
}

TEST(NormReluPool, AgreesWithThePlainVersionInValueFirstAndSecondDerivatives) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(::testing::Message() << c.channels << " channels, " << c.height << "×" << c.width);
    const Tensors inputs = random_inputs(c, torch::kFloat64);
    const torch::Tensor value = fused(inputs);
    ASSERT_EQ(value.sizes(),
              (std::vector<int64_t>{c.batch, c.channels, c.height / 2, c.width / 2}));
    if (value.numel() == 0) continue;  // which stock pooling refuses
    const torch::Tensor cotangent = torch::randn_like(value);
    const Tensors directions = like(inputs);
    const Derivatives found = derivatives(fused, inputs, cotangent, directions);
    const Derivatives expected = derivatives(plain, inputs, cotangent, directions);
    EXPECT_LE(relative_error(found.value, expected.value), testing::rounding(1e-12));
    for (size_t i = 0; i < expected.first.size(); ++i) {
      EXPECT_LE(relative_error(found.first[i], expected.first[i]), testing::rounding(1e-12))
          << "first " << i;
    }
    for (size_t i = 0; i < expected.second.size(); ++i) {
      EXPECT_LE(relative_error(found.second[i], expected.second[i]), testing::rounding(1e-12))
          << "second " << i;
    }
  }
}

TEST(NormReluPool, SecondDerivativesAreTheFiniteDifferencesOfTheFirst) {
  if (!testing::test_device().is_cpu()) GTEST_SKIP() << "writes into the host's memory";
  for (const Case& c : {Case{2, 2, 4, 4}, Case{1, 2, 5, 3}, Case{2, 1, 3, 7}}) {
    Tensors inputs = random_inputs(c, torch::kFloat64);
    torch::Tensor cotangent = torch::randn_like(fused(inputs));
    const Tensors directions = like(inputs);
    const Derivatives found = derivatives(fused, inputs, cotangent, directions);
    const auto s = [&] {
      return testing::inner_product(derivatives(fused, inputs, cotangent, directions).first,
                                    directions)
          .item<double>();
    };
    for (size_t i = 0; i < inputs.size(); ++i) {
      EXPECT_LE(relative_error(found.second[i], testing::finite_differences(s, inputs[i])), 1e-7)
          << i;
    }
    EXPECT_LE(relative_error(found.second[3], testing::finite_differences(s, cotangent)), 1e-7);
  }
}

TEST(NormReluPool, AgreesWithThePlainVersionInFloat32) {
  const Tensors inputs = random_inputs({5, 8, 16, 16}, torch::kFloat32);
  const torch::Tensor cotangent = torch::randn_like(fused(inputs));
  const Tensors directions = like(inputs);
  const Derivatives found = derivatives(fused, inputs, cotangent, directions);
  const Derivatives expected = derivatives(plain, inputs, cotangent, directions);
  EXPECT_LE(relative_error(found.value, expected.value), 1e-5);
  for (size_t i = 0; i < expected.first.size(); ++i) {
    EXPECT_LE(relative_error(found.first[i], expected.first[i]), 1e-4) << i;
  }
  for (size_t i = 0; i < expected.second.size(); ++i) {
    EXPECT_LE(relative_error(found.second[i], expected.second[i]), 1e-4) << i;
  }
}

TEST(NormReluPool, TakesTensorsThatAreNotContiguous) {
  const Tensors inputs = random_inputs({2, 3, 6, 4}, torch::kFloat64);
  const Tensors strided = {inputs[0].to(at::MemoryFormat::ChannelsLast), inputs[1], inputs[2]};
  const auto options = inputs[0].options();
  const torch::Tensor cotangent = torch::ones({1, 1, 1, 1}, options).expand({2, 3, 3, 2});
  const Tensors directions = {torch::randn({4, 6, 3, 2}, options).permute({3, 2, 1, 0}),
                              torch::ones({1}, options).expand({3}), inputs[2]};
  const Derivatives found = derivatives(fused, strided, cotangent, directions);
  const Derivatives expected = derivatives(plain, inputs, cotangent, directions);
  for (size_t i = 0; i < expected.second.size(); ++i) {
    EXPECT_LE(relative_error(found.second[i], expected.second[i]), testing::rounding(1e-12)) << i;
  }
}

TEST(NormReluPool, AConstantPlaneGivesBetaAndFiniteGradients) {
  const Tensors inputs = {torch::full({1, 2, 4, 4}, 3.0, torch::kFloat64),
                          torch::tensor({1.0, 2.0}, torch::kFloat64),
                          torch::tensor({0.5, -0.5}, torch::kFloat64)};
  const Derivatives found = derivatives(fused, inputs, torch::ones({1, 2, 2, 2}, torch::kFloat64),
                                        {torch::ones_like(inputs[0]), inputs[1], inputs[2]});
  EXPECT_TRUE(found.value[0][0].eq(0.5).all().item<bool>());
  EXPECT_TRUE(found.value[0][1].eq(0).all().item<bool>());
  for (const torch::Tensor& gradient : found.second) {
    EXPECT_TRUE(gradient.isfinite().all().item<bool>());
  }
}

TEST(NormReluPool, PassesNaNOnAndDoesNotHideADivergedStudent) {
  torch::Tensor x = torch::randn({1, 1, 4, 4});
  x[0][0][1][2] = std::numeric_limits<float>::quiet_NaN();
  const torch::Tensor one = torch::ones({1});
  EXPECT_TRUE(norm_relu_pool(x, one, one, kEps).isnan().all().item<bool>());
}

TEST(NormReluPool, GivesTheSameBitsEveryTime) {
  const Tensors inputs = random_inputs({33, 4, 32, 32}, torch::kFloat32);
  const torch::Tensor cotangent = torch::randn_like(fused(inputs));
  const Tensors directions = like(inputs);
  const Derivatives once = derivatives(fused, inputs, cotangent, directions);
  const Derivatives again = derivatives(fused, inputs, cotangent, directions);
  for (size_t i = 0; i < once.second.size(); ++i) {
    EXPECT_TRUE(torch::equal(once.second[i], again.second[i])) << i;
  }
}

TEST(NormReluPool, HasNoThirdDerivative) {
  const torch::Tensor x = torch::randn({1, 1, 4, 4}).requires_grad_(true);
  const torch::Tensor one = torch::ones({1});
  torch::Tensor s = norm_relu_pool(x, one, one, kEps).square().sum();
  s = torch::autograd::grad({s}, {x}, {}, /*retain_graph=*/true, /*create_graph=*/true)[0]
          .square()
          .sum();
  EXPECT_THROW(torch::autograd::grad({s}, {x}, {}, /*retain_graph=*/true, /*create_graph=*/true),
               std::logic_error);
}

// What other devices than a CPU take.
TEST(NormReluPool, OnWholeTensorsAgreesWithThePlainVersion) {
  const auto tensors = [](const Tensors& t) {
    return norm_relu_pool_tensors(t[0], t[1], t[2], kEps);
  };
  for (const Case& c : kCases) {
    if (c.height < 2 || c.width < 2) continue;  // which stock pooling refuses
    SCOPED_TRACE(::testing::Message() << c.channels << " channels, " << c.height << "×" << c.width);
    const Tensors inputs = random_inputs(c, torch::kFloat64), directions = like(inputs);
    const torch::Tensor cotangent = torch::randn_like(plain(inputs));
    const Derivatives found = derivatives(tensors, inputs, cotangent, directions);
    const Derivatives expected = derivatives(plain, inputs, cotangent, directions);
    EXPECT_LE(relative_error(found.value, expected.value), testing::rounding(1e-12));
    for (size_t i = 0; i < expected.first.size(); ++i) {
      EXPECT_LE(relative_error(found.first[i], expected.first[i]), testing::rounding(1e-11)) << i;
    }
    for (size_t i = 0; i < expected.second.size(); ++i) {
      EXPECT_LE(relative_error(found.second[i], expected.second[i]), testing::rounding(1e-11)) << i;
    }
  }
}

}  // namespace
}  // namespace mkdt
