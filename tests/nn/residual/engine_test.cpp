#include "mkdt/nn/residual/engine.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/utils.h>

#include "mkdt/base/random.h"
#include "mkdt/nn/backbones/resnet.h"
#include "mkdt/nn/native/isa.h"

namespace mkdt::residual {
namespace {

struct Case {
  int64_t image_size, width, layers, batch;
};

NetworkShape shape_of(const Case& c) {
  NetworkShape shape{c.image_size, c.width, {2, 2, 2, 2}};
  if (c.layers == 10) shape.blocks = {1, 1, 1, 1};
  return shape;
}

// A network whose norms are not at their beginnings, images and a gradient of the features.
struct Problem {
  explicit Problem(const Case& c, torch::ScalarType type) {
    at::Generator generator = make_generator(3, "test/residual");
    net = std::make_shared<ResNet>(ResNetShape{c.image_size, c.width, c.layers}, generator);
    const torch::NoGradGuard no_grad;
    for (torch::Tensor& parameter : net->parameters()) {
      if (parameter.dim() == 1)
        parameter.add_(at::randn(parameter.sizes(), generator, torch::TensorOptions()), 0.2);
    }
    net->to(type);
    const auto options = torch::TensorOptions(torch::kFloat64);
    images = at::randn({c.batch, 3, c.image_size, c.image_size}, generator, options).to(type);
    gradient = at::randn({c.batch, net->feature_dim()}, generator, options).to(type);
  }

  std::vector<torch::Tensor> parameters() const { return net->parameters(); }

  std::shared_ptr<ResNet> net;
  torch::Tensor images, gradient;
};

double relative(const torch::Tensor& found, const torch::Tensor& expected) {
  const torch::Tensor exact = expected.to(torch::kFloat64);
  return ((found.to(torch::kFloat64) - exact).norm() / exact.norm().clamp_min(1e-30))
      .item<double>();
}

class ResidualEngine : public ::testing::TestWithParam<Case> {};

TEST_P(ResidualEngine, IsTheNetworkInFloat64) {
  const Problem p(GetParam(), torch::kFloat64);
  p.net->train();
  const torch::Tensor expected = p.net->features(p.images);
  const auto gradients = torch::autograd::grad({expected}, p.parameters(), {p.gradient});

  Engine<double> engine(shape_of(GetParam()), Isa::kPortable);
  const torch::NoGradGuard no_grad;
  const auto result = engine.forward(p.images, p.parameters());
  EXPECT_LE(relative(result.features, expected), 1e-12);
  const auto found = engine.backward(*result.tape, p.gradient, p.parameters());
  ASSERT_EQ(found.size(), gradients.size());
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_LE(relative(found[i], gradients[i]), 1e-10) << "parameter " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ResidualEngine,
                         ::testing::Values(Case{32, 16, 18, 3}, Case{28, 8, 10, 5},
                                           Case{11, 20, 10, 7}, Case{8, 16, 10, 70}));

// How far the gradients are from float64's, all parameters together, and the features.
struct Errors {
  double features, gradients;
};

torch::Tensor flat(const std::vector<torch::Tensor>& tensors) {
  std::vector<torch::Tensor> rows;
  for (const torch::Tensor& tensor : tensors)
    rows.push_back(tensor.reshape({-1}).to(torch::kFloat64));
  return torch::cat(rows);
}

class ResidualEngineIn : public ::testing::TestWithParam<Isa> {};

TEST_P(ResidualEngineIn, Bfloat16IsNoWorseThanStockOperators) {
  for (const Case& c : {Case{32, 16, 18, 16}, Case{28, 24, 10, 40}}) {
    const Problem exact(c, torch::kFloat64), p(c, torch::kFloat32);
    const auto gradients_of = [](const Problem& problem, const torch::Tensor& features) {
      return flat(torch::autograd::grad({features}, problem.parameters(), {problem.gradient}));
    };
    const torch::Tensor features = exact.net->stock_features(exact.images);
    const torch::Tensor gradients = gradients_of(exact, features);

    const torch::Tensor stock = p.net->stock_features(p.images.to(torch::kBFloat16));
    const Errors expected = {relative(stock, features),
                             relative(gradients_of(p, stock), gradients)};

    Engine<Bf16> engine(shape_of(c), GetParam());
    const torch::NoGradGuard no_grad;
    const auto result = engine.forward(p.images, p.parameters());
    const auto found = engine.backward(*result.tape, p.gradient, p.parameters());
    EXPECT_LE(relative(result.features, features), 1.1 * expected.features);
    EXPECT_LE(relative(flat(found), gradients), 1.1 * expected.gradients);
    EXPECT_GT(relative(result.features, features), 1e-5) << "not in bfloat16";
  }
}

TEST_P(ResidualEngineIn, AnyNumberOfThreadsGivesTheSameBits) {
  const Case c{16, 16, 10, 70};
  const Problem p(c, torch::kFloat32);
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> results;
  const int before = at::get_num_threads();
  for (const int threads : {1, 2, 3}) {
    at::set_num_threads(threads);
    Engine<Bf16> engine(shape_of(c), GetParam());
    const auto result = engine.forward(p.images, p.parameters());
    results.push_back(
        torch::cat({flat({result.features}),
                    flat(engine.backward(*result.tape, p.gradient, p.parameters()))}));
  }
  at::set_num_threads(before);
  EXPECT_TRUE(results[0].equal(results[1]));
  EXPECT_TRUE(results[0].equal(results[2]));
}

TEST_P(ResidualEngineIn, KeepsNothingOfOtherBatches) {
  const Case large{16, 16, 10, 40}, small{16, 16, 10, 6};
  const Problem first(large, torch::kFloat32), p(small, torch::kFloat32);
  const torch::NoGradGuard no_grad;
  const auto run = [&](Engine<Bf16>& engine) {
    const auto result = engine.forward(p.images, p.parameters());
    return flat(engine.backward(*result.tape, p.gradient, p.parameters()));
  };
  Engine<Bf16> fresh(shape_of(small), GetParam()), used(shape_of(small), GetParam());
  const auto tape = used.forward(first.images, first.parameters()).tape;
  used.backward(*tape, first.gradient, first.parameters());
  EXPECT_TRUE(run(used).equal(run(fresh)));
}

INSTANTIATE_TEST_SUITE_P(All, ResidualEngineIn,
                         ::testing::ValuesIn(std::vector<Isa>{native::available_isas().front(),
                                                              native::available_isas().back()}),
                         [](const auto& isa) { return std::string(isa_name(isa.param)); });

}  // namespace
}  // namespace mkdt::residual
