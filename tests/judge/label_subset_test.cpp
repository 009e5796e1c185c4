#include <set>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/judge/label_budget.h"

namespace mkdt {
namespace {

torch::Tensor labels_of_sizes(const std::vector<int64_t>& sizes) {
  std::vector<int64_t> labels;
  for (size_t label = 0; label < sizes.size(); ++label) {
    labels.insert(labels.end(), static_cast<size_t>(sizes[label]), static_cast<int64_t>(label));
  }
  // Interleaved, so that rows are not grouped by class.
  const torch::Tensor grouped = torch::tensor(labels, torch::kLong);
  const int64_t stride = 13;  // coprime with the sizes used below
  const torch::Tensor order =
      torch::arange(grouped.numel(), torch::kLong).mul(stride).remainder(grouped.numel());
  return grouped.index_select(0, order);
}

std::vector<int64_t> counts(const torch::Tensor& labels, const torch::Tensor& rows,
                            int64_t classes) {
  const torch::Tensor count = torch::bincount(labels.index_select(0, rows), {}, classes);
  return {count.data_ptr<int64_t>(), count.data_ptr<int64_t>() + classes};
}

std::set<int64_t> as_set(const torch::Tensor& rows) {
  return {rows.data_ptr<int64_t>(), rows.data_ptr<int64_t>() + rows.numel()};
}

TEST(LabelSubset, TakesTheFractionOfEveryClassAndAtLeastOne) {
  const torch::Tensor labels = labels_of_sizes({100, 50, 3, 1});
  const torch::Tensor rows = label_subset(labels, LabelBudget::part(0.1), 1);
  EXPECT_EQ(counts(labels, rows, 4), (std::vector<int64_t>{10, 5, 1, 1}));
  EXPECT_EQ(as_set(rows).size(), 17u);
  EXPECT_TRUE(torch::equal(rows, std::get<0>(rows.sort())));
}

TEST(LabelSubset, IsAFunctionOfItsArguments) {
  const torch::Tensor labels = labels_of_sizes({100, 100, 100});
  EXPECT_TRUE(torch::equal(label_subset(labels, LabelBudget::part(0.1), 1),
                           label_subset(labels, LabelBudget::part(0.1), 1)));
  EXPECT_FALSE(torch::equal(label_subset(labels, LabelBudget::part(0.1), 1),
                            label_subset(labels, LabelBudget::part(0.1), 2)));
}

TEST(LabelSubset, ASmallerFractionIsContainedInALargerOne) {
  const torch::Tensor labels = labels_of_sizes({100, 30, 10});
  const std::set<int64_t> large = as_set(label_subset(labels, LabelBudget::part(0.5), 3));
  for (const int64_t row : as_set(label_subset(labels, LabelBudget::part(0.05), 3)))
    EXPECT_EQ(large.count(row), 1u);
}

TEST(LabelSubset, TakesACountOfEveryClassAndAllOfASmallerOne) {
  const torch::Tensor labels = labels_of_sizes({100, 50, 3, 1});
  const torch::Tensor rows = label_subset(labels, LabelBudget::count(10), 1);
  EXPECT_EQ(counts(labels, rows, 4), (std::vector<int64_t>{10, 10, 3, 1}));
  EXPECT_EQ(as_set(rows).size(), 24u);
  EXPECT_TRUE(torch::equal(rows, std::get<0>(rows.sort())));
}

TEST(LabelSubset, ASmallerCountIsContainedInALargerOneAndInAFractionOfTheSameSize) {
  const torch::Tensor labels = labels_of_sizes({100, 30, 10});
  const std::set<int64_t> large = as_set(label_subset(labels, LabelBudget::count(20), 3));
  const std::set<int64_t> small = as_set(label_subset(labels, LabelBudget::count(5), 3));
  EXPECT_EQ(small.size(), 15u);
  for (const int64_t row : small) EXPECT_EQ(large.count(row), 1u);
  const torch::Tensor even = labels_of_sizes({20, 20});
  EXPECT_TRUE(torch::equal(label_subset(even, LabelBudget::count(5), 3),
                           label_subset(even, LabelBudget::part(0.25), 3)));
}

TEST(LabelSubset, TheWholeIsEveryRow) {
  const torch::Tensor labels = labels_of_sizes({10, 1});
  EXPECT_TRUE(
      torch::equal(label_subset(labels, LabelBudget::part(1), 5), torch::arange(11, torch::kLong)));
}

TEST(LabelSubset, AClassWithoutImagesIsLeftOut) {
  const torch::Tensor labels = torch::tensor({2, 0, 2, 0}, torch::kLong);
  EXPECT_EQ(counts(labels, label_subset(labels, LabelBudget::part(0.5), 5), 3),
            (std::vector<int64_t>{1, 0, 1}));
}

TEST(LabelSubset, RefusesABudgetOutOfRange) {
  const torch::Tensor labels = torch::zeros({4}, torch::kLong);
  EXPECT_THROW(label_subset(labels, LabelBudget::part(0), 1), Error);
  EXPECT_THROW(label_subset(labels, LabelBudget::part(1.5), 1), Error);
  EXPECT_THROW(label_subset(labels, LabelBudget::count(-1), 1), Error);
  EXPECT_THROW(label_subset(labels, {0.5, 10}, 1), Error);
}

}  // namespace
}  // namespace mkdt
