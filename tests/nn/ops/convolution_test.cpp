#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "mkdt/nn/ops/operators.h"
#include "tests/fixtures/test_device.h"
#include "tests/fixtures/thread_count.h"
#include "tests/nn/ops/derivatives.h"

namespace mkdt {
namespace {

using testing::derivatives;
using testing::Derivatives;
using testing::relative_error;
using testing::Tensors;

struct Case {
  int64_t batch, in, out, height, width, kernel;
};
const std::vector<Case> kCases = {{2, 3, 4, 8, 8, 3}, {1, 1, 1, 1, 1, 3}, {3, 2, 5, 7, 5, 3},
                                  {2, 1, 2, 2, 2, 3}, {2, 3, 2, 4, 6, 1}, {1, 2, 3, 6, 5, 5},
                                  {20, 3, 2, 5, 9, 3}};

torch::Tensor operator_under_test(const Tensors& t) { return convolution(t[0], t[1], t[2]); }
torch::Tensor stock(const Tensors& t) {
  const int64_t padding = (t[1].size(2) - 1) / 2;
  return torch::conv2d(t[0], t[1], t[2], /*stride=*/1, padding);
}

Tensors random_inputs(const Case& c, torch::Dtype dtype) {
  torch::manual_seed(c.batch + 10 * c.height);
  return {testing::on_test_device(torch::randn({c.batch, c.in, c.height, c.width}, dtype)),
          testing::on_test_device(torch::randn({c.out, c.in, c.kernel, c.kernel}, dtype)),
          testing::on_test_device(torch::randn({c.out}, dtype))};
}

Tensors like(const Tensors& inputs) {
  Tensors result;
  for (const torch::Tensor& input : inputs) result.push_back(torch::randn_like(input));
  return result;
}

// y[n,o,i,j] = b[o] + Σ w[o,c,k,l] x[n,c,i+k−p,j+l−p]
torch::Tensor naive(const torch::Tensor& x, const torch::Tensor& w, const torch::Tensor& b) {
  const int64_t kernel = w.size(2), padding = (kernel - 1) / 2;
  const torch::Tensor padded = torch::constant_pad_nd(x, {padding, padding, padding, padding});
  torch::Tensor y = torch::zeros({x.size(0), w.size(0), x.size(2), x.size(3)}, x.options());
  const auto in = padded.accessor<double, 4>(), weight = w.accessor<double, 4>();
  const auto bias = b.accessor<double, 1>();
  auto out = y.accessor<double, 4>();
  for (int64_t n = 0; n < y.size(0); ++n)
    for (int64_t o = 0; o < y.size(1); ++o)
      for (int64_t i = 0; i < y.size(2); ++i)
        for (int64_t j = 0; j < y.size(3); ++j) {
          out[n][o][i][j] = bias[o];
          for (int64_t c = 0; c < x.size(1); ++c)
            for (int64_t k = 0; k < kernel; ++k)
              for (int64_t l = 0; l < kernel; ++l)
                out[n][o][i][j] += weight[o][c][k][l] * in[n][c][i + k][j + l];
        }
  return y;
}

TEST(Convolution, IsTheSumOfItsDefinition) {
  for (const Case& c : kCases) {
    const Tensors t = random_inputs(c, torch::kFloat64);
    const torch::Tensor expected = naive(t[0].cpu(), t[1].cpu(), t[2].cpu());
    EXPECT_LE(relative_error(convolution(t[0], t[1], t[2]).cpu(), expected),
              testing::rounding(1e-14));
  }
}

TEST(Convolution, AgreesWithStockOperatorsInValueFirstAndSecondDerivatives) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(::testing::Message()
                 << c.batch << "×" << c.in << "×" << c.height << "×" << c.width);
    const Tensors inputs = random_inputs(c, torch::kFloat64);
    const torch::Tensor cotangent = torch::randn_like(stock(inputs));
    const Tensors directions = like(inputs);
    const Derivatives found = derivatives(operator_under_test, inputs, cotangent, directions);
    const Derivatives expected = derivatives(stock, inputs, cotangent, directions);
    EXPECT_LE(relative_error(found.value, expected.value), testing::rounding(1e-13));
    for (size_t i = 0; i < expected.first.size(); ++i) {
      EXPECT_LE(relative_error(found.first[i], expected.first[i]), testing::rounding(1e-13))
          << "first " << i;
    }
    for (size_t i = 0; i < expected.second.size(); ++i) {
      EXPECT_LE(relative_error(found.second[i], expected.second[i]), testing::rounding(1e-13))
          << "second " << i;
    }
  }
}

TEST(Convolution, AgreesWithStockOperatorsInFloat32) {
  const Tensors inputs = random_inputs({20, 3, 8, 8, 8, 3}, torch::kFloat32);
  const torch::Tensor cotangent = torch::randn_like(stock(inputs));
  const Tensors directions = like(inputs);
  const Derivatives found = derivatives(operator_under_test, inputs, cotangent, directions);
  const Derivatives expected = derivatives(stock, inputs, cotangent, directions);
  EXPECT_LE(relative_error(found.value, expected.value), 1e-5);
  for (size_t i = 0; i < expected.second.size(); ++i) {
    EXPECT_LE(relative_error(found.second[i], expected.second[i]), 1e-5) << i;
  }
}

// The operators are closed under differentiation, so a third derivative is just another pass.
TEST(Convolution, HasAThirdDerivative) {
  const torch::Tensor w = torch::randn({2, 2, 3, 3}, torch::kFloat64).requires_grad_(true);
  const torch::Tensor x = torch::randn({2, 2, 4, 4}, torch::kFloat64);
  const auto third = [&](const testing::Operator& f) {
    torch::Tensor s = f({x, w, torch::Tensor()}).pow(4).sum();
    for (int order = 0; order < 3; ++order) {
      s = torch::autograd::grad({s}, {w}, {}, /*retain_graph=*/true, /*create_graph=*/true)[0]
              .square()
              .sum();
    }
    return s.detach();
  };
  EXPECT_LE(relative_error(third(operator_under_test), third(stock)), testing::rounding(1e-12));
}

TEST(Convolution, ComputesOnlyGradientsThatAreAskedFor) {
  const torch::Tensor x = torch::randn({1, 2, 4, 4});
  const torch::Tensor w = torch::randn({3, 2, 3, 3}).requires_grad_(true);
  const torch::Tensor y = convolution(x, w);
  const torch::Tensor gradient = torch::autograd::grad({y.sum()}, {w})[0];
  EXPECT_EQ(gradient.sizes(), w.sizes());
  EXPECT_FALSE(convolution(x, w.detach()).requires_grad());
}

TEST(Convolution, RefusesEvenKernels) {
  EXPECT_THROW(convolution(torch::zeros({1, 1, 4, 4}), torch::zeros({1, 1, 2, 2})),
               std::invalid_argument);
}

TEST(Convolution, HasStockDerivativesAtStrideTwo) {
  const std::vector<Case> cases = {
      {2, 3, 4, 8, 8, 3}, {2, 3, 4, 7, 5, 3}, {1, 2, 3, 9, 8, 1}, {3, 1, 2, 1, 2, 3}};
  for (const Case& c : cases) {
    const Tensors inputs = random_inputs(c, torch::kFloat64), directions = like(inputs);
    const auto ours = [](const Tensors& t) { return convolution(t[0], t[1], t[2], {2}); };
    const auto theirs = [](const Tensors& t) {
      return torch::conv2d(t[0], t[1], t[2], /*stride=*/2, (t[1].size(2) - 1) / 2);
    };
    const torch::Tensor cotangent = torch::randn_like(theirs(inputs));
    const Derivatives found = derivatives(ours, inputs, cotangent, directions);
    const Derivatives expected = derivatives(theirs, inputs, cotangent, directions);
    EXPECT_LE(relative_error(found.value, expected.value), testing::rounding(1e-13));
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_LE(relative_error(found.first[i], expected.first[i]), testing::rounding(1e-12)) << i;
    }
    for (size_t i = 0; i < 4; ++i) {
      EXPECT_LE(relative_error(found.second[i], expected.second[i]), testing::rounding(1e-12)) << i;
    }
  }
}

// Depthwise, with a factor of two, in two groups; an even kernel, a padding of its own.
TEST(Convolution, HasStockDerivativesWithGroupsAndOtherPaddings) {
  struct Steps {
    int64_t inputs, outputs, kernel;
    ConvolutionSteps steps;
  };
  const int64_t same = ConvolutionSteps::kSame;
  for (const Steps& c :
       {Steps{4, 4, 3, {1, same, 4}}, Steps{3, 6, 3, {2, same, 3}}, Steps{4, 6, 1, {1, same, 2}},
        Steps{2, 3, 11, {4, 2, 1}}, Steps{2, 3, 2, {2, 0, 1}}}) {
    const Tensors inputs = {
        torch::randn({2, c.inputs, 9, 8}, torch::kFloat64),
        torch::randn({c.outputs, c.inputs / c.steps.groups, c.kernel, c.kernel}, torch::kFloat64),
        torch::randn({c.outputs}, torch::kFloat64)};
    const Tensors directions = like(inputs);
    const auto ours = [&](const Tensors& t) { return convolution(t[0], t[1], t[2], c.steps); };
    const auto theirs = [&](const Tensors& t) {
      const int64_t padding = c.steps.padding == same ? (c.kernel - 1) / 2 : c.steps.padding;
      return torch::conv2d(t[0], t[1], t[2], c.steps.stride, padding, 1, c.steps.groups);
    };
    const torch::Tensor value = theirs(inputs), cotangent = torch::randn_like(value);
    EXPECT_EQ(value.size(2), c.steps.side(9, c.kernel));
    const Derivatives found = derivatives(ours, inputs, cotangent, directions);
    const Derivatives expected = derivatives(theirs, inputs, cotangent, directions);
    EXPECT_LE(relative_error(found.value, expected.value), testing::rounding(1e-13));
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_LE(relative_error(found.first[i], expected.first[i]), testing::rounding(1e-12)) << i;
    }
    for (size_t i = 0; i < 4; ++i) {
      EXPECT_LE(relative_error(found.second[i], expected.second[i]), testing::rounding(1e-12)) << i;
    }
  }
}

TEST(Convolution, TheWeightsGradientIsTheSameByAnyNumberOfThreads) {
  torch::manual_seed(1);
  for (const int64_t batch : {1, 5, 8, 21}) {
    const torch::Tensor x = torch::randn({batch, 16, 9, 9}, torch::kFloat64);
    const torch::Tensor gy = torch::randn({batch, 24, 9, 9}, torch::kFloat64);
    const torch::Tensor weight = torch::randn({24, 16, 3, 3}, torch::kFloat64).requires_grad_();
    const auto gradient = [&](int threads) {
      const testing::ThreadCount count(threads);
      return torch::autograd::grad({convolution(x, weight)}, {weight}, {gy})[0];
    };
    const torch::Tensor one = gradient(1);
    for (const int threads : {2, 3}) {
      EXPECT_LE(relative_error(gradient(threads), one), testing::rounding(1e-13))
          << batch << " " << threads;
      EXPECT_TRUE(torch::equal(gradient(threads), gradient(threads)));
    }
  }
}

}  // namespace
}  // namespace mkdt
