#include "mkdt/judge/metrics.h"

#include <algorithm>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "mkdt/base/random.h"
#include "mkdt/judge/knn.h"
#include "mkdt/judge/linear_probe.h"

namespace mkdt {
namespace {

struct Scored {
  torch::Tensor scores;
  torch::Tensor labels;
};

// Scores from a few values, so that there are ties.
Scored random_scores(int64_t rows, int64_t classes, uint64_t seed) {
  at::Generator generator = make_generator(seed, "test/scores");
  return {torch::randint(0, 12, {rows, classes}, generator).to(torch::kFloat32),
          torch::randint(0, classes, {rows}, generator, torch::kLong)};
}

// The place of the label when classes are sorted by score, ties by class.
int64_t place(const Scored& scored, int64_t row) {
  std::vector<std::pair<float, int64_t>> order;
  for (int64_t k = 0; k < scored.scores.size(1); ++k) {
    order.emplace_back(-scored.scores[row][k].item<float>(), k);
  }
  std::sort(order.begin(), order.end());
  const auto label = scored.labels[row].item<int64_t>();
  return std::find_if(order.begin(), order.end(),
                      [&](const auto& e) { return e.second == label; }) -
         order.begin();
}

TEST(Metrics, TopKAndBalancedAccuracyAreAsCountedByHand) {
  const Scored scored = random_scores(200, 7, 1);
  for (const int64_t k : {1, 3, 5, 7}) {
    int64_t correct = 0;
    for (int64_t i = 0; i < 200; ++i) correct += place(scored, i) < k;
    EXPECT_DOUBLE_EQ(top_k_accuracy(scored.scores, scored.labels, k),
                     static_cast<double>(correct) / 200);
  }
  std::map<int64_t, std::pair<double, double>> of_class;  // correct, all
  for (int64_t i = 0; i < 200; ++i) {
    auto& [correct, all] = of_class[scored.labels[i].item<int64_t>()];
    correct += place(scored, i) == 0;
    all += 1;
  }
  double expected = 0;
  for (const auto& [label, counts] : of_class) {
    expected += counts.first / counts.second / static_cast<double>(of_class.size());
  }
  EXPECT_NEAR(balanced_accuracy(scored.scores, scored.labels), expected, 1e-12);
}

TEST(Metrics, ClassesThatDoNotOccurDoNotCount) {
  const torch::Tensor scores = torch::tensor({{1.0, 0.0, 0.0}, {1.0, 0.0, 0.0}, {0.0, 0.0, 1.0}});
  const torch::Tensor labels = torch::tensor({0, 2, 2}, torch::kLong);
  EXPECT_DOUBLE_EQ(balanced_accuracy(scores, labels), 0.75);
}

TEST(Metrics, Top5IsForManyClassesAndBalancedForUnevenOnes) {
  const torch::Tensor even = torch::arange(40, torch::kLong).remainder(20);
  const torch::Tensor scores = random_scores(40, 20, 2).scores;
  EXPECT_TRUE(accuracies(scores, even).top5);
  EXPECT_FALSE(accuracies(scores, even).balanced);
  EXPECT_TRUE(accuracies(scores, even.clamp_max(18)).balanced);
  const torch::Tensor few = scores.slice(1, 0, 19);
  EXPECT_FALSE(accuracies(few, even.clamp_max(18)).top5);
  EXPECT_EQ(accuracies(scores, even).top5, top_k_accuracy(scores, even, 5));
  EXPECT_EQ(accuracies(scores, even).top1, top_k_accuracy(scores, even, 1));
}

TEST(Metrics, ProbesAndNeighboursGiveScores) {
  at::Generator generator = make_generator(3, "test/rows");
  const torch::Tensor rows = torch::randn({30, 4}, generator);
  const torch::Tensor labels = torch::arange(30, torch::kLong).remainder(3);
  const LinearProbe probe = fit_linear_probe(rows, labels, 3, {});
  const torch::Tensor scores = probe_scores(probe, rows);
  const torch::Tensor expected = rows.to(torch::kFloat64).mm(probe.weight.t()) + probe.bias;
  EXPECT_TRUE(torch::allclose(scores, expected, 1e-12, 1e-12));
  EXPECT_EQ(accuracy(probe, rows, labels), top_k_accuracy(scores, labels, 1));

  const torch::Tensor votes = knn_scores(rows, labels, rows, 3, {5, 0.07});
  EXPECT_EQ(votes.sizes(), torch::IntArrayRef({30, 3}));
  EXPECT_EQ(knn_accuracy(rows, labels, rows, labels, 3, {5, 0.07}),
            top_k_accuracy(votes, labels, 1));
}

}  // namespace
}  // namespace mkdt
