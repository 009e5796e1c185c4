#include "mkdt/publish/results.h"

#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/publish/csv.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

std::vector<ComparisonRow> result_rows() {
  ComparisonRow distilled;
  distilled.method = "distilled";
  distilled.encoder = "convnet";
  distilled.dataset = "cifar10";
  distilled.labels = LabelBudget::part(0.01);
  distilled.accuracy = 0.4375;
  distilled.top5_accuracy = 0.875;
  distilled.balanced_accuracy = 0.375;
  distilled.l2 = 1e-3;
  distilled.representation_loss = 0.29;
  distilled.recipe = Recipe{0.1, 400, 0.3};
  distilled.key = "abc";
  ComparisonRow teacher;
  teacher.method = "teacher";
  teacher.encoder = "resnet18";
  teacher.dataset = "cifar10";
  teacher.protocol = "knn";
  teacher.labels = LabelBudget::count(10);
  teacher.seed = 2;
  teacher.accuracy = 0.75;
  ComparisonRow none;
  none.method = "none";
  none.encoder = "convnet";
  none.dataset = "unlabelled";
  none.seed = 1;
  none.representation_loss = 0.9;
  return {distilled, teacher, none};
}

TEST(Results, JsonHasTheAgreedKeys) {
  const auto list = nlohmann::json::parse(results_json(result_rows()));
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0]["method"], "distilled");
  EXPECT_EQ(list[0]["encoder"], "convnet");
  EXPECT_EQ(list[0]["dataset"], "cifar10");
  EXPECT_EQ(list[0]["protocol"], "probe");
  EXPECT_EQ(list[0]["labels"], "1%");
  EXPECT_EQ(list[0]["seed"], 0);
  EXPECT_EQ(list[0]["accuracy"], 0.4375);
  EXPECT_EQ(list[0]["top5_accuracy"], 0.875);
  EXPECT_EQ(list[0]["balanced_accuracy"], 0.375);
  EXPECT_EQ(list[0]["l2"], 1e-3);
  EXPECT_EQ(list[0]["representation_loss"], 0.29);
  EXPECT_EQ(list[0]["steps"], 400);
  EXPECT_EQ(list[0]["key"], "abc");
  EXPECT_EQ(list[1]["protocol"], "knn");
  EXPECT_EQ(list[1]["labels"], "10/class");
  EXPECT_TRUE(list[1]["representation_loss"].is_null());
  EXPECT_TRUE(list[1]["l2"].is_null());
  EXPECT_TRUE(list[2]["labels"].is_null());
  EXPECT_TRUE(list[2]["accuracy"].is_null());
}

TEST(Results, ANumberThatIsNotFiniteIsNull) {
  std::vector<ComparisonRow> rows = result_rows();
  rows[0].accuracy = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(nlohmann::json::parse(results_json(rows))[0]["accuracy"].is_null());
}

TEST(Results, AreReadBack) {
  const testing::TemporaryFolder folder;
  write_results(folder.path(), result_rows(), {"data: cifar10"});
  const std::vector<ComparisonRow> rows = read_results(folder / "results.json");
  EXPECT_EQ(results_json(rows), results_json(result_rows()));
  EXPECT_EQ(rows[0].recipe->steps, 400);
  EXPECT_FALSE(rows[1].recipe);
}

TEST(Results, AreFourFiles) {
  const testing::TemporaryFolder folder;
  write_results(folder.path(), result_rows(), {});
  EXPECT_EQ(read_text(folder / "results.csv"), results_csv(result_rows()));
  EXPECT_EQ(read_text(folder / "results.md"), results_markdown(result_rows(), {}));
  const std::string latex = read_text(folder / "results.tex");
  EXPECT_EQ(latex.rfind("% \\usepackage{booktabs}\n\n\\begin{table}", 0), 0u) << latex;
  EXPECT_NE(latex.find("distilled & \\textbf{0.290} & \\textbf{43.8}"), std::string::npos) << latex;
}

TEST(Results, CsvIsALineARowWithQuotesWhereNeeded) {
  std::vector<ComparisonRow> rows = result_rows();
  rows[1].encoder = "a,\"b\"\nc";
  rows[2].representation_loss = std::numeric_limits<double>::infinity();
  EXPECT_EQ(results_csv(rows),
            "method,encoder,dataset,protocol,labels,seed,accuracy,top5_accuracy,balanced_accuracy,"
            "l2,representation_loss,fitted_head,lr,steps,validation_loss,key\n"
            "distilled,convnet,cifar10,probe,1%,0,0.4375,0.875,0.375,0.001,0.29,0,0.1,400,0.3,abc\n"
            "teacher,\"a,\"\"b\"\"\nc\",cifar10,knn,10/class,2,0.75,,,,,0,,,,\n"
            "none,convnet,unlabelled,probe,,1,,,,,,0,,,,\n");
}

TEST(Results, OfEarlierVersionsAreRead) {
  const testing::TemporaryFolder folder;
  write_text_atomically(folder / "results.json",
                        R"([{"method": "none", "encoder": "convnet", "dataset": "cifar10",
                             "label_fraction": 0.05, "seed": 1, "accuracy": 0.5,
                             "representation_loss": null, "lr": null, "steps": null,
                             "validation_loss": null}])");
  const std::vector<ComparisonRow> rows = read_results(folder / "results.json");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].protocol, "probe");
  EXPECT_EQ(rows[0].labels, LabelBudget::part(0.05));
  EXPECT_EQ(rows[0].accuracy, 0.5);
}

TEST(Results, MarkdownHoldsContextAndTables) {
  const std::string text = results_markdown(result_rows(), {"data: cifar10"});
  EXPECT_EQ(text.rfind("# Results\n\n- data: cifar10\n\n## cifar10", 0), 0u) << text;
  EXPECT_NE(text.find("| distilled | **0.290** | **43.8** |"), std::string::npos) << text;
  EXPECT_NE(text.find("## unlabelled, convnet, 1 seed"), std::string::npos) << text;
}

TEST(Results, RefusesOtherFiles) {
  const testing::TemporaryFolder folder;
  const std::string wrong_labels =
      R"([{"method": "a", "encoder": "b", "dataset": "c", "seed": 0, "labels": "10"}])";
  for (const std::string& text : std::vector<std::string>{
           "", "[1]", "{\"method\": 1}", "[{\"method\": \"none\"}]", wrong_labels}) {
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
