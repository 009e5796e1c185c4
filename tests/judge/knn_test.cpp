#include "mkdt/judge/knn.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "mkdt/base/random.h"

namespace mkdt {
namespace {

torch::Tensor random_rows(int64_t rows, int64_t dim, uint64_t index) {
  at::Generator generator = make_generator(1, "test/rows", index);
  return at::randn({rows, dim}, generator, torch::TensorOptions(torch::kFloat32));
}

// One test row by hand: neighbours in order of similarity, votes added up.
int64_t plain_vote(const torch::Tensor& train, const torch::Tensor& labels,
                   const torch::Tensor& row, int64_t classes, const KnnOptions& options) {
  std::vector<std::pair<double, int64_t>> all;
  for (int64_t i = 0; i < train.size(0); ++i) {
    const double cosine = (train[i] * row).sum().item<double>() /
                          (train[i].norm().item<double>() * row.norm().item<double>());
    all.emplace_back(cosine, labels[i].item<int64_t>());
  }
  std::sort(all.rbegin(), all.rend());
  std::vector<double> votes(static_cast<size_t>(classes));
  for (int64_t i = 0; i < std::min<int64_t>(options.neighbours, train.size(0)); ++i) {
    const auto& [cosine, label] = all[static_cast<size_t>(i)];
    votes[static_cast<size_t>(label)] += std::exp(cosine / options.temperature);
  }
  return std::max_element(votes.begin(), votes.end()) - votes.begin();
}

TEST(Knn, VotesAsByHand) {
  const torch::Tensor train = random_rows(60, 5, 0);
  const torch::Tensor test = random_rows(300, 5, 1);  // more than a block of rows
  at::Generator generator = make_generator(1, "test/labels");
  const torch::Tensor train_labels = torch::randint(3, {60}, generator, torch::kInt64);
  const torch::Tensor test_labels = torch::randint(3, {300}, generator, torch::kInt64);
  for (const KnnOptions& options : {KnnOptions{1, 0.07}, {7, 0.5}, {1000, 0.2}}) {
    int64_t correct = 0;
    for (int64_t i = 0; i < 300; ++i) {
      correct +=
          plain_vote(train, train_labels, test[i], 3, options) == test_labels[i].item<int64_t>();
    }
    EXPECT_DOUBLE_EQ(knn_accuracy(train, train_labels, test, test_labels, 3, options),
                     static_cast<double>(correct) / 300);
  }
}

TEST(Knn, KnowsItsOwnRows) {
  const torch::Tensor rows = random_rows(50, 8, 0);
  const torch::Tensor labels = torch::arange(50).remainder(4);
  EXPECT_EQ(knn_accuracy(rows, labels, 3 * rows, labels, 4, {1, 0.07}), 1);
}

}  // namespace
}  // namespace mkdt
