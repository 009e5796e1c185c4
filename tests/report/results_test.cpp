#include "mkdt/report/results.h"

#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/error.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

std::vector<ComparisonRow> example() {
  return {{"distilled", "convnet", "cifar10", 0.01, 0, 0.4375, 0.29, Recipe{0.1, 400, 0.3}},
          {"teacher", "resnet18", "cifar10", 0.01, 2, 0.75, {}, {}},
          {"none", "convnet", "unlabelled", {}, 1, {}, 0.9, {}}};
}

TEST(Results, JsonHasTheAgreedKeys) {
  const auto list = nlohmann::json::parse(results_json(example()));
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0]["method"], "distilled");
  EXPECT_EQ(list[0]["encoder"], "convnet");
  EXPECT_EQ(list[0]["dataset"], "cifar10");
  EXPECT_EQ(list[0]["label_fraction"], 0.01);
  EXPECT_EQ(list[0]["seed"], 0);
  EXPECT_EQ(list[0]["accuracy"], 0.4375);
  EXPECT_EQ(list[0]["representation_loss"], 0.29);
  EXPECT_EQ(list[0]["steps"], 400);
  EXPECT_TRUE(list[1]["representation_loss"].is_null());
  EXPECT_TRUE(list[2]["label_fraction"].is_null());
  EXPECT_TRUE(list[2]["accuracy"].is_null());
}

TEST(Results, ANumberThatIsNotFiniteIsNull) {
  std::vector<ComparisonRow> rows = example();
  rows[0].accuracy = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(nlohmann::json::parse(results_json(rows))[0]["accuracy"].is_null());
}

TEST(Results, AreReadBack) {
  const testing::TemporaryFolder folder;
  write_results(folder.path(), example(), {"data: cifar10"});
  const std::vector<ComparisonRow> rows = read_results(folder / "results.json");
  EXPECT_EQ(results_json(rows), results_json(example()));
  EXPECT_EQ(rows[0].recipe->steps, 400);
  EXPECT_FALSE(rows[1].recipe);
}

TEST(Results, MarkdownHoldsContextAndTables) {
  const std::string text = results_markdown(example(), {"data: cifar10"});
  EXPECT_EQ(text.rfind("# Results\n\n- data: cifar10\n\n## cifar10", 0), 0u) << text;
  EXPECT_NE(text.find("| distilled | **0.290** | **43.8** |"), std::string::npos) << text;
  EXPECT_NE(text.find("## unlabelled, convnet, 1 seed"), std::string::npos) << text;
}

TEST(Results, RefusesOtherFiles) {
  const testing::TemporaryFolder folder;
  for (const std::string text : {"", "[1]", "{\"method\": 1}", "[{\"method\": \"none\"}]"}) {
    write_text_atomically(folder / "results.json", text);
    try {
      read_results(folder / "results.json");
      FAIL() << "expected an Error for " << text;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("results.json: "), std::string::npos);
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace mkdt
