#include "mkdt/judge/linear_probe.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "tests/fixtures/stopper.h"

namespace mkdt {
namespace {

struct Problem {
  torch::Tensor features;
  torch::Tensor labels;
  int64_t classes;
};

// Overlapping Gaussian classes; feature scales spread over `decades` powers of ten, means off zero.
Problem gaussian_problem(int64_t rows, int64_t dim, int64_t classes, double decades,
                         uint64_t seed) {
  at::Generator generator = make_generator(seed, "test/probe");
  const torch::Tensor centres = torch::randn({classes, dim}, generator) * 0.5;
  const torch::Tensor labels = torch::randint(0, classes, {rows}, generator, torch::kLong);
  const torch::Tensor noise = torch::randn({rows, dim}, generator);
  const torch::Tensor scales = torch::logspace(-decades / 2, decades / 2, dim);
  return {(centres.index_select(0, labels) + noise + 1) * scales, labels, classes};
}

// The objective, straight from its definition, with autograd. Parameters as one vector.
torch::Tensor objective(const Problem& problem, const torch::Tensor& parameters, double l2) {
  const int64_t dim = problem.features.size(1);
  const torch::Tensor weight =
      parameters.slice(0, 0, problem.classes * dim).view({problem.classes, dim});
  const torch::Tensor bias = parameters.slice(0, problem.classes * dim);
  const torch::Tensor scores = problem.features.to(torch::kFloat64).matmul(weight.t()) + bias;
  return torch::nll_loss(torch::log_softmax(scores, 1), problem.labels) +
         l2 * weight.square().sum();
}

torch::Tensor flatten(const LinearProbe& probe) {
  return torch::cat({probe.weight.flatten(), probe.bias});
}

torch::Tensor gradient(const Problem& problem, const torch::Tensor& parameters, double l2) {
  const torch::Tensor leaf = parameters.detach().clone().requires_grad_(true);
  return torch::autograd::grad({objective(problem, leaf, l2)}, {leaf})[0];
}

// Newton's method with the full Hessian, row by row from autograd; the bias' shared direction is
// free, hence the pseudo-inverse.
torch::Tensor newton_optimum(const Problem& problem, double l2, torch::Tensor parameters) {
  for (int iteration = 0; iteration < 50; ++iteration) {
    const torch::Tensor leaf = parameters.detach().clone().requires_grad_(true);
    const torch::Tensor value = objective(problem, leaf, l2);
    const torch::Tensor g = torch::autograd::grad({value}, {leaf}, {}, true, true)[0];
    std::vector<torch::Tensor> rows;
    for (int64_t i = 0; i < g.numel(); ++i) {
      rows.push_back(torch::autograd::grad({g[i]}, {leaf}, {}, true)[0]);
    }
    const torch::Tensor step =
        torch::linalg_pinv(torch::stack(rows), 1e-12, true).matmul(g.detach());
    double length = 1;
    while (objective(problem, parameters - length * step, l2).item<double>() >
               value.item<double>() &&
           length > 1e-6) {
      length /= 2;
    }
    parameters = (parameters - length * step).detach();
  }
  return parameters;
}

torch::Tensor zeros(const Problem& problem) {
  return torch::zeros({problem.classes * (problem.features.size(1) + 1)}, torch::kFloat64);
}

TEST(LinearProbe, AgreesWithNewtonsMethodFromAnyStart) {
  const Problem problem = gaussian_problem(60, 4, 3, 0, 1);
  const LinearProbe probe = fit_linear_probe(problem.features, problem.labels, 3, {1e-2, 100});
  at::Generator generator = make_generator(1, "test/start");
  const torch::Tensor start = torch::randn({15}, generator, torch::kFloat64);
  for (const torch::Tensor& from : {zeros(problem), start}) {
    const torch::Tensor optimum = newton_optimum(problem, 1e-2, from);
    const torch::Tensor weight = optimum.slice(0, 0, 12).view({3, 4});
    EXPECT_TRUE(torch::allclose(probe.weight, weight, 1e-5, 1e-6));
    // Biases are determined up to a common constant.
    const torch::Tensor bias = optimum.slice(0, 12);
    EXPECT_TRUE(torch::allclose(probe.bias - probe.bias.mean(), bias - bias.mean(), 1e-5, 1e-6));
    EXPECT_EQ(accuracy(probe, problem.features, problem.labels),
              accuracy({weight, bias}, problem.features, problem.labels));
  }
}

TEST(LinearProbe, ReachesTheOptimumOfIllConditionedFeatures) {
  for (const double decades : {0.0, 4.0}) {
    const Problem problem = gaussian_problem(200, 40, 5, decades, 2);
    const LinearProbe probe = fit_linear_probe(problem.features, problem.labels, 5, {1e-3, 100});
    const double before = gradient(problem, zeros(problem), 1e-3).norm().item<double>();
    const double after = gradient(problem, flatten(probe), 1e-3).norm().item<double>();
    EXPECT_LT(after, 1e-5 * before) << decades << " decades";
  }
}

// Two images a class, as of hand-made collections. An evaluation costs rows × classes × dimensions,
// so their number is what a user waits for.
TEST(LinearProbe, ManyClassesTakeNoMoreEvaluationsThanFewDo) {
  for (const int64_t classes : {201, 600}) {
    Problem problem = gaussian_problem(2 * classes, 32, classes, 0, 4);
    problem.labels = torch::arange(2 * classes).remainder(classes);
    testing::Stopper counting;
    const LinearProbe probe = fit_linear_probe(problem.features, problem.labels, classes,
                                               {1e-3, 100}, std::nullopt, counting);
    EXPECT_LT(counting.questions() / 2, 300) << classes;  // of 2000 that are allowed
    const double before = gradient(problem, zeros(problem), 1e-3).norm().item<double>();
    const double after = gradient(problem, flatten(probe), 1e-3).norm().item<double>();
    EXPECT_LT(after, 1e-5 * before) << classes;
  }
}

TEST(LinearProbe, ReachesTheOptimumWithFewerRowsThanFeatures) {
  const Problem problem = gaussian_problem(30, 100, 3, 1, 3);
  const LinearProbe probe = fit_linear_probe(problem.features, problem.labels, 3, {1e-3, 100});
  const double before = gradient(problem, zeros(problem), 1e-3).norm().item<double>();
  EXPECT_LT(gradient(problem, flatten(probe), 1e-3).norm().item<double>(), 1e-5 * before);
  EXPECT_EQ(accuracy(probe, problem.features, problem.labels), 1);
}

// The same from zero and from a random start: value to 1e-9, gradient, answers.
void expect_one_optimum(const Problem& problem, double l2) {
  const int64_t dim = problem.features.size(1);
  at::Generator generator = make_generator(1, "test/start");
  const LinearProbe start{torch::randn({problem.classes, dim}, generator, torch::kFloat64),
                          torch::randn({problem.classes}, generator, torch::kFloat64)};
  const ProbeOptions options{l2, 100};
  const LinearProbe a =
      fit_linear_probe(problem.features, problem.labels, problem.classes, options);
  const LinearProbe b =
      fit_linear_probe(problem.features, problem.labels, problem.classes, options, start);
  const double before = gradient(problem, zeros(problem), l2).norm().item<double>();
  for (const LinearProbe& probe : {a, b}) {
    EXPECT_LT(gradient(problem, flatten(probe), l2).norm().item<double>(), 1e-5 * before);
  }
  EXPECT_GT(gradient(problem, flatten(start), l2).norm().item<double>(), 0.1 * before);
  EXPECT_NEAR(objective(problem, flatten(a), l2).item<double>(),
              objective(problem, flatten(b), l2).item<double>(), 1e-9);
  EXPECT_EQ(accuracy(a, problem.features, problem.labels),
            accuracy(b, problem.features, problem.labels));
}

TEST(LinearProbe, ReachesOneOptimumFromTwoStarts) {
  expect_one_optimum(gaussian_problem(200, 20, 4, 2, 6), 1e-3);
  expect_one_optimum(gaussian_problem(40, 120, 3, 1, 7), 1e-3);  // more features than rows
}

TEST(LinearProbe, ReachesOneOptimumForManyUnevenClasses) {
  Problem problem = gaussian_problem(400, 15, 25, 1, 8);
  // The first classes take over half of the others' rows.
  const torch::Tensor taken = torch::arange(400).remainder(2).eq(0);
  problem.labels = torch::where(taken, problem.labels.remainder(5), problem.labels);
  const torch::Tensor counts = torch::bincount(problem.labels);
  ASSERT_GT(counts.max().item<int64_t>(), 4 * counts.min().item<int64_t>());
  expect_one_optimum(problem, 1e-3);
}

TEST(LinearProbe, IsIndifferentToAShiftOfTheFeatures) {
  const Problem problem = gaussian_problem(80, 6, 3, 0, 4);
  const LinearProbe probe = fit_linear_probe(problem.features, problem.labels, 3, {1e-3, 100});
  const LinearProbe shifted =
      fit_linear_probe(problem.features + 100, problem.labels, 3, {1e-3, 100});
  EXPECT_TRUE(torch::allclose(probe.weight, shifted.weight, 1e-3, 1e-4));
}

TEST(LinearProbe, AClassWithoutExamplesIsNeverPredicted) {
  Problem problem = gaussian_problem(60, 4, 2, 0, 5);
  const LinearProbe probe = fit_linear_probe(problem.features, problem.labels, 4, {1e-3, 100});
  EXPECT_EQ(probe.weight.size(0), 4);
  const torch::Tensor scores =
      torch::mm(problem.features.to(torch::kFloat64), probe.weight.t()) + probe.bias;
  EXPECT_LT(scores.argmax(1).max().item<int64_t>(), 2);
}

TEST(LinearProbe, HandlesSingleClassesConstantFeaturesAndSeparableDataWithoutPenalty) {
  const torch::Tensor features = torch::ones({5, 3});
  const LinearProbe single = fit_linear_probe(features, torch::zeros({5}, torch::kLong), 1, {});
  EXPECT_EQ(accuracy(single, features, torch::zeros({5}, torch::kLong)), 1);

  const torch::Tensor labels = torch::tensor({0, 1, 1, 1, 1}, torch::kLong);
  const LinearProbe constant = fit_linear_probe(features, labels, 2, {});
  EXPECT_DOUBLE_EQ(accuracy(constant, features, labels), 0.8);

  const torch::Tensor separable = torch::tensor({-1.0, -2.0, 1.0, 2.0}).view({4, 1});
  const torch::Tensor sides = torch::tensor({0, 0, 1, 1}, torch::kLong);
  const LinearProbe unpenalised = fit_linear_probe(separable, sides, 2, {0, 5});
  EXPECT_TRUE(unpenalised.weight.isfinite().all().item<bool>());
  EXPECT_EQ(accuracy(unpenalised, separable, sides), 1);
}

TEST(LinearProbe, RefusesWhatCannotBeFitted) {
  const torch::Tensor features = torch::zeros({2, 3});
  const torch::Tensor labels = torch::tensor({0, 2}, torch::kLong);
  EXPECT_THROW(fit_linear_probe(features, labels, 2, {}), Error);
  EXPECT_THROW(fit_linear_probe(features / 0, labels, 3, {}), Error);
  EXPECT_THROW(fit_linear_probe(features, labels.slice(0, 0, 1), 3, {}), Error);
}

}  // namespace
}  // namespace mkdt
