#include <cmath>

#include <gtest/gtest.h>

#include "mkdt/compare/statistics.h"

namespace mkdt {
namespace {

ComparisonRow row_of(const std::string& method, int64_t seed, double accuracy,
                     const LabelBudget& labels = LabelBudget::part(0.1)) {
  ComparisonRow row;
  row.method = method;
  row.encoder = "convnet";
  row.dataset = "a";
  row.labels = labels;
  row.seed = seed;
  row.accuracy = accuracy;
  return row;
}

TEST(StudentT, AgreesWithPublishedTables) {
  EXPECT_NEAR(student_t_quantile(0.95, 1), 12.706, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.95, 2), 4.303, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.95, 3), 3.182, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.95, 10), 2.228, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.95, 100), 1.984, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.99, 5), 4.032, 5e-4);
}

TEST(StudentT, IsTheIntegralOfItsDensity) {
  for (const int64_t degrees : {1, 2, 3, 4, 7, 8}) {
    const auto n = static_cast<double>(degrees);
    const double factor =
        std::tgamma((n + 1) / 2) / (std::sqrt(n * std::acos(-1)) * std::tgamma(n / 2));
    double integral = 0;  // by the midpoint rule
    for (int i = 0; i < 20000; ++i) {
      const double t = (i + 0.5) * 1e-4;
      integral += 2e-4 * factor * std::pow(1 + t * t / n, -(n + 1) / 2);
    }
    EXPECT_NEAR(student_t_central(2, degrees), integral, 1e-8) << degrees;
  }
}

TEST(PairedDifference, IsTheMeanOverSharedSeedsWithAnInterval) {
  const std::vector<ComparisonRow> rows = {
      row_of("random", 0, 0.40),    row_of("random", 1, 0.50),    row_of("random", 2, 0.45),
      row_of("distilled", 2, 0.48), row_of("distilled", 0, 0.41), row_of("distilled", 1, 0.52),
      row_of("distilled", 3, 0.99)};  // no partner
  const auto differences = paired_differences(rows, "random");
  ASSERT_EQ(differences.size(), 1u);
  EXPECT_EQ(differences[0].method, "distilled");
  EXPECT_EQ(differences[0].labels, LabelBudget::part(0.1));
  EXPECT_EQ(differences[0].accuracy.seeds, 3);
  EXPECT_NEAR(differences[0].accuracy.mean, 0.02, 1e-12);
  // Differences 0.01, 0.02, 0.03: s = 0.01, t(0.95, 2) = 4.3027.
  EXPECT_NEAR(differences[0].accuracy.half_width.value(), 4.3027 * 0.01 / std::sqrt(3), 1e-6);
}

TEST(PairedDifference, OnlyRowsOfTheSameTestArePaired) {
  std::vector<ComparisonRow> rows = {
      row_of("random", 0, 0.4),    row_of("random", 0, 0.6, LabelBudget::count(10)),
      row_of("distilled", 0, 0.5), row_of("distilled", 0, 0.7, LabelBudget::count(10)),
      row_of("none", 0, 0.1),      row_of("full", 0, 0.8),
      row_of("teacher", 0, 0.9),   row_of("odd", 0, 0.9)};
  rows[4].protocol = "knn";
  rows[5].dataset = "b";
  rows[6].encoder = "resnet18";
  rows[7].labels.reset();
  const auto differences = paired_differences(rows, "random");
  ASSERT_EQ(differences.size(), 2u);
  EXPECT_NEAR(differences[0].accuracy.mean, 0.1, 1e-12);
  EXPECT_NEAR(differences[1].accuracy.mean, 0.1, 1e-12);
  EXPECT_EQ(differences[1].labels, LabelBudget::count(10));
  EXPECT_FALSE(differences[0].accuracy.half_width);  // one seed
  EXPECT_TRUE(paired_differences(rows, "kmeans").empty());
}

TEST(PairedLossDifference, PairsTheEncodersOfASeed) {
  const auto with_loss = [](const std::string& method, int64_t seed, double loss) {
    ComparisonRow row = row_of(method, seed, 0.5);
    row.representation_loss = loss;
    return row;
  };
  std::vector<ComparisonRow> rows = {
      with_loss("random", 0, 0.60),    with_loss("random", 1, 0.70),
      with_loss("distilled", 0, 0.58), with_loss("distilled", 1, 0.64),
      with_loss("distilled", 2, 0.10),   // no partner
      with_loss("distilled", 1, 0.64)};  // another label budget, the same encoder
  const auto difference = paired_loss_difference(rows, "convnet", "a", "distilled", "random");
  ASSERT_TRUE(difference);
  EXPECT_EQ(difference->seeds, 2);
  EXPECT_NEAR(difference->mean, -0.04, 1e-12);
  // Differences −0.02 and −0.06: s/√2 = 0.02, t(0.95, 1) = 12.706.
  EXPECT_NEAR(difference->half_width.value(), 12.706 * 0.02, 1e-5);
  EXPECT_FALSE(paired_loss_difference(rows, "resnet10", "a", "distilled", "random"));
  EXPECT_FALSE(paired_loss_difference(rows, "convnet", "a", "k-means", "random"));
  EXPECT_FALSE(paired_loss_difference(rows, "convnet", "b", "distilled", "random"));
  for (ComparisonRow& row : rows) row.fitted_head = row.method == "distilled";
  EXPECT_FALSE(paired_loss_difference(rows, "convnet", "a", "distilled", "random"));
}

}  // namespace
}  // namespace mkdt
