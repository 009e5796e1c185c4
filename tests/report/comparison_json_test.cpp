#include "mkdt/report/comparison_json.h"

#include <gtest/gtest.h>

namespace mkdt {
namespace {

ComparisonRow row(const std::string& method, int64_t seed, double accuracy, double loss) {
  ComparisonRow row;
  row.method = method;
  row.encoder = "convnet";
  row.dataset = "shapes";
  row.labels = LabelBudget::part(0.1);
  row.seed = seed;
  row.accuracy = accuracy;
  row.representation_loss = loss;
  return row;
}

nlohmann::ordered_json cell_of(const nlohmann::ordered_json& comparison,
                               const std::string& method) {
  for (const auto& cell : comparison.at("cells")) {
    if (cell.at("method") == method) return cell;
  }
  return nullptr;
}

TEST(ComparisonJson, HasMeansWithTheIntervalsOfStudentsT) {
  const auto comparison = comparison_json(
      {row("random", 0, 0.3, 0.6), row("random", 1, 0.4, 0.7), row("random", 2, 0.5, 0.8)}, {});
  const auto cell = cell_of(comparison, "random");
  const double half = 4.302652729911275 * 0.1 / std::sqrt(3.0);  // t(0.95, 2)·s/√n
  EXPECT_NEAR(cell["accuracy"]["mean"], 0.4, 1e-12);
  EXPECT_NEAR(cell["accuracy"]["deviation"], 0.1, 1e-12);
  EXPECT_NEAR(cell["accuracy"]["low"], 0.4 - half, 1e-9);
  EXPECT_NEAR(cell["accuracy"]["high"], 0.4 + half, 1e-9);
  EXPECT_EQ(cell["seeds"], 3);
  EXPECT_EQ(cell["labels"], "10 %");
  EXPECT_EQ(cell["protocol"], "linear probe");
  EXPECT_TRUE(cell["accuracy_difference"].is_null());
  EXPECT_TRUE(cell["loss_difference"].is_null());
}

TEST(ComparisonJson, DifferencesArePairedBySeed) {
  const auto comparison =
      comparison_json({row("random", 0, 0.30, 0.6), row("random", 1, 0.50, 0.8),
                       row("distilled", 0, 0.32, 0.5), row("distilled", 1, 0.54, 0.7)},
                      {});
  EXPECT_EQ(comparison["baseline"], "random");
  EXPECT_EQ(comparison["baseline_phrase"], "random choice");
  const auto cell = cell_of(comparison, "distilled");
  EXPECT_NEAR(cell["accuracy_difference"]["mean"], 0.03, 1e-12);
  // s = 0.01·√2, t(0.95, 1) = 12.7062
  EXPECT_NEAR(cell["accuracy_difference"]["high"], 0.03 + 12.7062047 * 0.01, 1e-8);
  EXPECT_NEAR(cell["loss_difference"]["mean"], -0.1, 1e-12);
}

TEST(ComparisonJson, OneSeedHasNoIntervalAndNoBaselineIsNone) {
  const auto comparison = comparison_json({row("full", 0, 0.3, 0.6)}, {});
  EXPECT_TRUE(comparison["baseline"].is_null());
  EXPECT_TRUE(comparison["baseline_phrase"].is_null());
  EXPECT_EQ(comparison["competes"], nlohmann::ordered_json({false}));
  EXPECT_TRUE(cell_of(comparison, "full")["accuracy"]["low"].is_null());
  EXPECT_TRUE(comparison_json({}, {}).is_null());
}

TEST(ComparisonJson, TheTeacherStandsWithEveryEncoder) {
  std::vector<ComparisonRow> rows = {row("random", 0, 0.3, 0.6), row("random", 0, 0.3, 0.6),
                                     row("teacher", 0, 0.6, 0)};
  rows[1].encoder = "resnet10";
  rows[2].encoder = "resnet18, the teacher";
  rows[2].representation_loss.reset();
  std::vector<std::string> encoders;
  const auto comparison = comparison_json(rows, {});
  for (const auto& cell : comparison["cells"]) {
    if (cell["method"] == "teacher") encoders.push_back(cell["encoder"]);
  }
  EXPECT_EQ(encoders, (std::vector<std::string>{"convnet", "resnet10"}));
}

TEST(ComparisonJson, PretrainingCurvesAreMeansOverSeedsAtEachStep) {
  std::vector<CurvePoint> points;
  for (const int64_t seed : {0, 1}) {
    for (const int64_t step : {10, 20}) {
      points.push_back({"distilled", "convnet", seed, step,
                        1.0 / static_cast<double>(step) + static_cast<double>(seed), "shapes",
                        "10%", step == 20 ? std::optional<double>(0.5) : std::nullopt});
    }
  }
  const auto curves = comparison_json({row("random", 0, 0.3, 0.6)}, points)["pretraining"];
  ASSERT_EQ(curves.size(), 1U);
  EXPECT_EQ(curves[0]["seeds"], 2);
  EXPECT_EQ(curves[0]["labels"], "10 %");
  EXPECT_EQ(curves[0]["steps"], nlohmann::ordered_json({10, 20}));
  EXPECT_NEAR(curves[0]["loss"][0]["mean"], 0.6, 1e-12);
  EXPECT_TRUE(curves[0]["accuracy"][0].is_null());
  EXPECT_EQ(curves[0]["accuracy"][1]["mean"], 0.5);
}

}  // namespace
}  // namespace mkdt
