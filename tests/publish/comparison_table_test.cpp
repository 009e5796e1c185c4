// The tables of a comparison: the methods' numbers, and their differences to a baseline.
#include "mkdt/publish/comparison_table.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "mkdt/base/text.h"
#include "mkdt/publish/difference_table.h"
#include "mkdt/publish/table.h"

namespace mkdt {
namespace {

ComparisonRow row_of(const std::string& method, const std::string& dataset,
                     const std::optional<LabelBudget>& labels, int64_t seed) {
  ComparisonRow row;
  row.method = method;
  row.encoder = "convnet";
  row.dataset = dataset;
  row.labels = labels;
  row.seed = seed;
  return row;
}

// The widest line before the caption, where there is room for all columns beside each other.
size_t width_of(const Table& table) {
  Table without_caption = table;
  without_caption.caption.clear();
  std::istringstream lines(terminal_text(without_caption, {1000}));
  size_t widest = 0;
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, text_width(line));
  return widest;
}

std::vector<ComparisonRow> two_seeds(const std::string& method, double loss, double accuracy) {
  std::vector<ComparisonRow> rows;
  for (const int64_t seed : {0, 1}) {
    for (const double fraction : {0.01, 0.1}) {
      ComparisonRow row = row_of(method, "cifar10", LabelBudget::part(fraction), seed);
      row.accuracy = accuracy + fraction + 0.01 * static_cast<double>(seed);
      if (method == "teacher") row.encoder = "resnet18";
      if (method != "teacher") row.representation_loss = loss;
      rows.push_back(row);
    }
  }
  return rows;
}

std::vector<ComparisonRow> joined(const std::vector<std::vector<ComparisonRow>>& parts) {
  std::vector<ComparisonRow> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

TEST(ComparisonTable, OneRowAMethodAndTheBestCompetitorMarked) {
  const std::vector<ComparisonRow> rows =
      joined({two_seeds("random", 0.63, 0.4), two_seeds("distilled", 0.41, 0.5),
              two_seeds("full", 0.29, 0.6), two_seeds("teacher", 0, 0.7)});
  const std::vector<Table> tables = comparison_tables(rows);
  ASSERT_EQ(tables.size(), 1u);
  EXPECT_EQ(terminal_text(tables[0]),
            "cifar10, convnet, linear probe, 2 seeds\n"
            "\n"
            "method         rep. loss         1 %        10 %\n"
            "---------  -------------  ----------  ----------\n"
            "random     0.630 ± 0.000  41.5 ± 0.7  50.5 ± 0.7\n"
            "distilled  0.410 ± 0.000  51.5 ± 0.7  60.5 ± 0.7\n"
            "full       0.290 ± 0.000  61.5 ± 0.7  70.5 ± 0.7\n"
            "teacher                –  71.5 ± 0.7  80.5 ± 0.7\n"
            "\n"
            "rep. loss: mean squared error to the teacher on held-out images (lower is\n"
            "better); x %, n a class: probe accuracy in percent with x % of the labels, n\n"
            "labels a class. Mean ± sample standard deviation over seeds.\n");
  // What is bold is said where it is bold.
  const std::string note = "Bold: the best of the small sets";
  EXPECT_EQ(terminal_text(tables[0]).find(note), std::string::npos);
  EXPECT_NE(terminal_text(tables[0], {1000, true}).find(note), std::string::npos);
  EXPECT_NE(markdown_text(tables[0]).find(note), std::string::npos);
  EXPECT_NE(latex_text(tables[0]).find(note), std::string::npos);
  EXPECT_NE(markdown_text(tables[0]).find("**51.5 ± 0.7**"), std::string::npos);
}

// Tables, Markdown and LaTeX share one rounding, which is the page's.
TEST(ComparisonTable, TiesAreRoundedAwayFromZero) {
  ComparisonRow row = row_of("none", "a", LabelBudget::part(0.5), 0);
  row.accuracy = 0.1525;
  row.representation_loss = 0.4125;
  const Table table = comparison_tables({row})[0];
  EXPECT_EQ(table.rows[0][1].text, "0.413");
  EXPECT_EQ(table.rows[0][2].text, "15.3");
  EXPECT_NE(latex_text(table).find("15.3"), std::string::npos);
  ComparisonRow random = row_of("random", "a", LabelBudget::part(0.5), 0);
  random.accuracy = 0.16;
  random.representation_loss = 0.5;
  const Table differences = difference_tables({row, random})[0];
  EXPECT_EQ(differences.rows[0][1].text, "−0.088");
  EXPECT_EQ(differences.rows[0][2].text, "−0.8");
}

// A head that was fitted to real images makes any encoder's loss low.
TEST(ComparisonTable, LossesOfFittedHeadsAreShownApart) {
  std::vector<ComparisonRow> rows =
      joined({two_seeds("random", 0.63, 0.4), two_seeds("mtt-ssl", 0.41, 0.3)});
  for (ComparisonRow& row : rows) row.fitted_head = row.method == "mtt-ssl";
  const std::string text = terminal_text(comparison_tables(rows)[0]);
  EXPECT_NE(text.find("0.410 ± 0.000†"), std::string::npos) << text;
  EXPECT_TRUE(comparison_tables(rows)[0].rows[0][1].best);
  EXPECT_NE(text.find("†: of a head"), std::string::npos) << text;
}

TEST(ComparisonTable, FitsATerminalWithFourLabelFractions) {
  std::vector<ComparisonRow> rows;
  for (const std::string method : {"high-loss", "distilled"}) {
    for (const double fraction : {0.01, 0.05, 0.1, 1.0}) {
      for (const int64_t seed : {0, 1}) {
        const double value = 0.5 + 0.05 * static_cast<double>(seed);
        rows.push_back(row_of(method, "cifar10", LabelBudget::part(fraction), seed));
        rows.back().accuracy = value;
        rows.back().representation_loss = value;
      }
    }
  }
  EXPECT_LE(width_of(comparison_tables(rows)[0]), 80u);
}

TEST(DifferenceTable, FitsATerminalWithFourLabelBudgets) {
  std::vector<ComparisonRow> rows;
  for (const std::string method : {"random", "high-loss"}) {
    for (const double fraction : {0.01, 0.05, 0.1, 1.0}) {
      for (const int64_t seed : {0, 1, 2}) {
        rows.push_back(row_of(method, "cifar10", LabelBudget::part(fraction), seed));
        rows.back().accuracy = method == "random" ? 0.5 : 0.35 + 0.05 * static_cast<double>(seed);
        rows.back().representation_loss =
            method == "random" ? 0.6 : 0.5 + 0.01 * static_cast<double>(seed);
      }
    }
  }
  const Table table = difference_tables(rows)[0];
  EXPECT_EQ(table.rows[0][1].text, "−0.090 [−0.115, −0.065]");
  EXPECT_EQ(table.rows[0][2].text, "−10.0 [−22.4, 2.4]");
  EXPECT_LE(width_of(table), 120u);
}

TEST(DifferenceTable, HasTheOtherMethodsThatShareSeedsWithTheBaseline) {
  std::vector<ComparisonRow> rows =
      joined({two_seeds("random", 0.63, 0.4), two_seeds("distilled", 0.41, 0.45),
              two_seeds("teacher", 0, 0.7)});
  for (ComparisonRow& row : rows) {
    if (row.method == "distilled" && row.seed == 1) *row.accuracy += 0.01;
  }
  const std::vector<Table> tables = difference_tables(rows);
  ASSERT_EQ(tables.size(), 1u);
  EXPECT_EQ(tables[0].title, "cifar10, convnet, linear probe, 2 seeds, against random");
  ASSERT_EQ(tables[0].rows.size(), 1u);  // the teacher is no encoder
  EXPECT_EQ(tables[0].rows[0][0].text, "distilled");
  // 5 and 6 points: s/√2 = 0.5, t = 12.706.
  EXPECT_EQ(tables[0].rows[0][2].text, "+5.5 [−0.9, 11.9]");

  std::vector<ComparisonRow> one_seed = {row_of("random", "a", LabelBudget::part(1), 0),
                                         row_of("none", "a", LabelBudget::part(1), 0)};
  one_seed[0].accuracy = 0.5;
  one_seed[1].accuracy = 0.4999;
  EXPECT_EQ(difference_tables(one_seed)[0].rows[0][1].text, "–");
  EXPECT_EQ(difference_tables(one_seed)[0].rows[0][2].text, "+0.0");
  EXPECT_TRUE(difference_tables({one_seed[1]}).empty());
}

TEST(DifferenceTable, HasLossesWhereThereAreNoAccuracies) {
  std::vector<ComparisonRow> rows;
  for (const std::string method : {"random", "distilled"}) {
    ComparisonRow row;
    row.method = method;
    row.encoder = "convnet";
    row.dataset = "unlabelled";
    row.representation_loss = method == "random" ? 0.6 : 0.45;
    rows.push_back(row);
  }
  const std::vector<Table> tables = difference_tables(rows);
  ASSERT_EQ(tables.size(), 1u);
  ASSERT_EQ(tables[0].rows.size(), 1u);
  EXPECT_EQ(tables[0].rows[0][1].text, "−0.150");
}

TEST(ComparisonTable, OneTableADataSetAndSingleSeedsWithoutDeviation) {
  ComparisonRow row = row_of("none", "a", LabelBudget::part(0.5), 0);
  row.accuracy = 0.25;
  row.representation_loss = 0.00123;
  ComparisonRow other = row;
  other.dataset = "b";
  const std::vector<Table> tables = comparison_tables({row, other});
  ASSERT_EQ(tables.size(), 2u);
  EXPECT_EQ(tables[1].title, "b, convnet, linear probe, 1 seed");
  EXPECT_EQ(tables[1].rows[0][1].text, "0.00123");
  EXPECT_EQ(tables[1].rows[0][2].text, "25.0");
}

TEST(ComparisonTable, LossesAloneForUnlabelledSets) {
  ComparisonRow row = row_of("none", "a", {}, 0);
  row.representation_loss = 0.5;
  const std::vector<Table> tables = comparison_tables({row});
  EXPECT_EQ(tables[0].title, "a, convnet, 1 seed");
  ASSERT_EQ(tables[0].columns.size(), 2u);
  EXPECT_TRUE(tables[0].rows[0][1].best);
  EXPECT_TRUE(comparison_tables({}).empty());
}

TEST(ComparisonTable, OneTableAProtocolAndEncoderWithTheTeacherInEach) {
  std::vector<ComparisonRow> rows;
  for (const std::string encoder : {"convnet", "resnet18"}) {
    for (const std::string protocol : {"probe", "knn"}) {
      rows.push_back(row_of("none", "a", LabelBudget::part(1), 0));
      rows.back().encoder = encoder;
      rows.back().protocol = protocol;
      rows.back().accuracy = 0.5;
    }
  }
  rows.push_back(row_of("teacher", "a", LabelBudget::part(1), 0));
  rows.back().encoder = "vit";
  rows.back().accuracy = 0.75;
  const std::vector<Table> tables = comparison_tables(rows);
  ASSERT_EQ(tables.size(), 4u);
  EXPECT_EQ(tables[1].title, "a, convnet, k-NN, 1 seed");
  EXPECT_EQ(tables[2].title, "a, resnet18, linear probe, 1 seed");
  EXPECT_EQ(tables[1].rows.size(), 1u);
  ASSERT_EQ(tables[2].rows.size(), 2u);
  ASSERT_EQ(tables[2].columns.size(), 2u);  // no losses
  EXPECT_EQ(tables[2].rows[1][1].text, "75.0");
  EXPECT_TRUE(tables[2].rows[0][1].best);
}

TEST(ComparisonTable, ColumnsAreFractionsThenCounts) {
  std::vector<ComparisonRow> rows;
  for (const LabelBudget& budget : {LabelBudget::count(10), LabelBudget::part(1),
                                    LabelBudget::count(1), LabelBudget::part(0.05)}) {
    rows.push_back(row_of("none", "a", budget, 0));
    rows.back().accuracy = 0.5;
  }
  const std::vector<Column> columns = comparison_tables(rows)[0].columns;
  ASSERT_EQ(columns.size(), 5u);
  EXPECT_EQ(columns[1].header, "5 %");
  EXPECT_EQ(columns[2].header, "100 %");
  EXPECT_EQ(columns[3].header, "1 a class");
  EXPECT_EQ(columns[4].header, "10 a class");
}

TEST(ComparisonTable, FurtherAccuraciesHaveTablesWhereThereAreAny) {
  std::vector<ComparisonRow> rows = {row_of("none", "a", LabelBudget::part(1), 0),
                                     row_of("none", "b", LabelBudget::part(1), 0)};
  for (ComparisonRow& row : rows) row.accuracy = 0.25;
  EXPECT_TRUE(further_tables(rows).empty());
  rows[1].top5_accuracy = 0.5;
  rows[1].balanced_accuracy = 0.125;
  const std::vector<Table> tables = further_tables(rows);
  ASSERT_EQ(tables.size(), 2u);
  EXPECT_EQ(tables[0].title, "b, convnet, linear probe, 1 seed, top-5 accuracy");
  EXPECT_EQ(tables[0].rows[0][1].text, "50.0");
  EXPECT_EQ(tables[1].title, "b, convnet, linear probe, 1 seed, balanced accuracy");
  EXPECT_EQ(tables[1].rows[0][1].text, "12.5");
}

}  // namespace
}  // namespace mkdt
