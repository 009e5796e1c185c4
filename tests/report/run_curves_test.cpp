#include "mkdt/report/run_curves.h"

#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "mkdt/io/durable_file.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

using testing::TemporaryFolder;

std::string line(const std::string& name, int64_t step, const std::string& value) {
  return fmt::format("{{\"name\":\"{}\",\"step\":{},\"value\":{}}}\n", name, step, value);
}

std::vector<ReportedCurve> curves_of(const std::string& text) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "metrics.jsonl", text);
  return read_run_curves(folder / "metrics.jsonl");
}

TEST(RunCurves, ComeInTheOrderOfTheStagesWithNamesForPeople) {
  const auto curves =
      curves_of(line("distill/syn_lr", 1, "0.1") + line("own/curve", 3, "1") +
                line("distill/matching_loss", 1, "0.9") + line("teacher/loss", 1, "5") +
                line("evaluate/none/convnet/seed 0/accuracy, a", 1, "5"));
  ASSERT_EQ(curves.size(), 4U);
  EXPECT_EQ(curves[0].name, "teacher/loss");
  EXPECT_EQ(curves[0].x, "epoch");
  EXPECT_EQ(curves[1].title, "Matching loss J");
  EXPECT_EQ(curves[1].group, "distillation");
  EXPECT_EQ(curves[2].name, "distill/syn_lr");
  EXPECT_EQ(curves[3].title, "own/curve");
  EXPECT_EQ(curves[3].group, "other");
}

TEST(RunCurves, OfAStepThatStandsTwiceTheLaterPointCounts) {
  const auto curves = curves_of(line("teacher/loss", 1, "5") + line("teacher/loss", 2, "4") +
                                line("teacher/loss", 3, "9") + line("teacher/loss", 2, "3") +
                                line("teacher/loss", 3, "null"));
  ASSERT_EQ(curves.size(), 1U);
  EXPECT_EQ(curves[0].steps, (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(curves[0].values[0], 5);
  EXPECT_EQ(curves[0].values[1], 3);
  EXPECT_TRUE(std::isnan(curves[0].values[2]));
}

TEST(RunCurves, LinesThatAreNoPointsArePassedOver) {
  const auto curves =
      curves_of("nonsense\n{\"name\":1,\"step\":1,\"value\":1}\n[1]\n" + std::string(100, '[') +
                "\n{\"name\":\"teacher/loss\",\"step\":1e40,\"value\":1}\n" +
                line("teacher/loss", 1, "5") + "{\"name\":\"teacher/loss\",\"st");
  ASSERT_EQ(curves.size(), 1U);
  EXPECT_EQ(curves[0].values, std::vector<double>{5});
}

TEST(RunCurves, LongOnesAreThinnedToAThousandPointsWithTheLastOne) {
  std::string text;
  for (int64_t step = 1; step <= 5000; ++step)
    text += line("distill/matching_loss", step, std::to_string(step));
  const auto curves = curves_of(text);
  ASSERT_EQ(curves.size(), 1U);
  EXPECT_EQ(curves[0].steps.size(), 1000U);
  EXPECT_EQ(curves[0].steps.back(), 5000);
  EXPECT_TRUE(std::is_sorted(curves[0].steps.begin(), curves[0].steps.end()));
  // The mean of the last 101 of all points, not of those that are shown.
  ASSERT_EQ(curves[0].mean.size(), 1000U);
  EXPECT_DOUBLE_EQ(curves[0].mean.back(), 4950);
}

TEST(RunCurves, TheRunningMeanLeavesOutWhatIsNotFinite) {
  std::string text;
  for (int64_t step = 1; step <= 40; ++step) {
    text += line("teacher/loss", step, step == 20 ? "null" : "2");
  }
  const auto curves = curves_of(text);
  ASSERT_EQ(curves.size(), 1U);
  EXPECT_EQ(curves[0].mean, std::vector<double>(40, 2.0));
}

TEST(RunCurves, NoFileIsNoCurve) {
  const TemporaryFolder folder;
  EXPECT_TRUE(read_run_curves(folder / "metrics.jsonl").empty());
}

}  // namespace
}  // namespace mkdt
