#include "mkdt/publish/verdict.h"

#include <gtest/gtest.h>

namespace mkdt {
namespace {

struct Cell {
  LabelBudget labels;
  std::vector<double> random, distilled;  // accuracies of the seeds
};

ComparisonGroup group_of(const std::vector<Cell>& cells, double distilled_loss = 0,
                         bool with_random = true) {
  std::vector<ComparisonRow> rows;
  const auto add = [&](const std::string& method, const LabelBudget& labels,
                       const std::vector<double>& accuracies, double loss) {
    for (size_t seed = 0; seed < accuracies.size(); ++seed) {
      ComparisonRow row;
      row.method = method;
      row.encoder = "convnet";
      row.dataset = "cifar10";
      row.labels = labels;
      row.seed = static_cast<int64_t>(seed);
      row.accuracy = accuracies[seed];
      if (loss > 0) row.representation_loss = loss + 0.001 * static_cast<double>(seed % 2);
      rows.push_back(row);
    }
  };
  for (const Cell& cell : cells) {
    if (with_random) add("random", cell.labels, cell.random, distilled_loss > 0 ? 0.5 : 0);
    add("distilled", cell.labels, cell.distilled, distilled_loss);
  }
  return comparison_groups(rows)[0];
}

const LabelBudget kOne = LabelBudget::part(0.01), kFive = LabelBudget::part(0.05),
                  kTen = LabelBudget::part(0.1);

TEST(Verdict, SaysAheadAndWithinTheNoise) {
  const std::vector<double> random = {0.40, 0.41, 0.42};
  const ComparisonGroup group = group_of({{kTen, random, {0.41, 0.40, 0.44}},
                                          {kOne, random, {0.45, 0.46, 0.47}},
                                          {kFive, random, {0.42, 0.43, 0.44}}});
  // 1, −1 and 2 points: s = 1.528, t = 4.303, so ± 3.8.
  EXPECT_EQ(verdict(group),
            "The distilled images are ahead of random choice with 1 % and 5 % of the labels (+5.0 "
            "[5.0, 5.0] and +2.0 [2.0, 2.0] points); within the noise of it with 10 % of the "
            "labels (+0.7 [−3.1, 4.5] points).");
  EXPECT_EQ(
      verdict_note(group),
      "Points are percentage points of accuracy; in brackets 95 % intervals, paired by seed. A "
      "seed varies initialisation, order and label sample; sets, teacher, experts, recipes and "
      "split are the same for all.");
}

TEST(Verdict, SaysBehindAndTheLoss) {
  const ComparisonGroup group = group_of({{LabelBudget::count(10), {0.5, 0.5}, {0.4, 0.4}}}, 0.41);
  EXPECT_EQ(verdict(group),
            "The distilled images are behind random choice with 10 labels a class (−10.0 [−10.0, "
            "−10.0] points). Their representation loss of 0.411 is lower, which is better (−0.090 "
            "[−0.090, −0.090]).");
}

TEST(Verdict, OneSeedHasNoInterval) {
  EXPECT_EQ(verdict(group_of({{kOne, {0.4}, {0.5}}})),
            "The distilled images are compared for one seed only, so without an interval, with "
            "random choice with 1 % of the labels (+10.0 points).");
}

TEST(Verdict, WithoutABaselineOrADistilledSet) {
  const ComparisonGroup alone = group_of({{kFive, {}, {0.1525}}, {kOne, {}, {0.5}}}, 0, false);
  EXPECT_EQ(verdict(alone),
            "The distilled images give an accuracy of 50.0 % with 1 % of the labels and 15.3 % "
            "with 5 % of the labels. There is no baseline to compare it with.");
  EXPECT_EQ(verdict_note(alone), "");
  ComparisonRow row;
  row.method = "none";
  row.encoder = "convnet";
  row.dataset = "a";
  row.accuracy = 0.5;
  row.labels = kOne;
  EXPECT_EQ(verdict(comparison_groups({row})[0]), "");
}

}  // namespace
}  // namespace mkdt
