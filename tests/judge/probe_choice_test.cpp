#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/judge/linear_probe.h"

namespace mkdt {
namespace {

// Two overlapping classes, 3 informative dimensions of 30.
LabelledFeatures problem(int64_t rows, uint64_t seed) {
  at::Generator generator = make_generator(seed, "test/choice");
  const torch::Tensor labels = torch::arange(rows, torch::kLong).remainder(2);
  torch::Tensor features = torch::randn({rows, 30}, generator);
  features.slice(1, 0, 3) += labels.unsqueeze(1).to(torch::kFloat32);
  return {features, labels};
}

TEST(ProbeChoice, TakesTheWeightThatIsBestOnValidation) {
  const LabelledFeatures train = problem(40, 1);
  const LabelledFeatures validation = problem(400, 2);
  const std::vector<double> l2s = {1e-6, 0.1, 1e-2, 1};
  double highest = 0;
  double expected = 0;
  double lowest = 1;
  for (const double l2 : {1.0, 0.1, 1e-2, 1e-6}) {
    const double found = accuracy(fit_linear_probe(train.features, train.labels, 2, {l2, 100}),
                                  validation.features, validation.labels);
    if (found > highest) expected = l2;
    highest = std::max(highest, found);
    lowest = std::min(lowest, found);
  }
  ASSERT_LT(lowest, highest);
  const ProbeChoice choice = choose_probe(train, validation, 2, l2s);
  EXPECT_EQ(choice.l2, expected);
  const LinearProbe same = fit_linear_probe(train.features, train.labels, 2, {expected, 100});
  EXPECT_TRUE(torch::equal(choice.probe.weight, same.weight));
}

TEST(ProbeChoice, OfEqualWeightsTheLargestIsTaken) {
  const torch::Tensor features = torch::tensor({-2.0, -1.0, 1.0, 2.0}).view({4, 1});
  const LabelledFeatures easy{features, torch::tensor({0, 0, 1, 1}, torch::kLong)};
  EXPECT_EQ(choose_probe(easy, easy, 2, {1e-4, 1e-1, 1e-2}).l2, 1e-1);
}

TEST(ProbeChoice, ASingleWeightNeedsNoValidation) {
  EXPECT_EQ(choose_probe(problem(20, 1), {}, 2, {0.5}).l2, 0.5);
  EXPECT_THROW(choose_probe(problem(20, 1), {}, 2, {}), Error);
}

}  // namespace
}  // namespace mkdt
