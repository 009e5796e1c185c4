#include "mkdt/report/table.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "mkdt/core/text_width.h"
#include "mkdt/report/comparison_table.h"
#include "mkdt/report/difference_table.h"
#include "mkdt/report/latex_table.h"

namespace mkdt {
namespace {

Table example() {
  Table table;
  table.title = "Fruit";
  table.columns = {{"name", Alignment::kLeft}, {"weight", Alignment::kRight}};
  table.rows = {{{"apple", false}, {"1.0 ± 0.1", false}}, {{"a|b", false}, {"12.0 ± 3.0", true}}};
  table.caption = "In grams.";
  return table;
}

TEST(Table, TerminalText) {
  EXPECT_EQ(terminal_text(example()),
            "Fruit\n"
            "\n"
            "name       weight\n"
            "-----  ----------\n"
            "apple   1.0 ± 0.1\n"
            "a|b    12.0 ± 3.0*\n"
            "\n"
            "In grams.\n");
}

// A table of `columns` columns after the names, each with numbers of its own.
Table wide_table(size_t columns) {
  Table table;
  table.title = "cifar10, convnet, linear probe";
  table.columns = {{"method", Alignment::kLeft}};
  table.rows = {{{"random"}}, {{"distilled"}}};
  for (size_t c = 0; c < columns; ++c) {
    table.columns.push_back({fmt::format("{} %", c)});
    for (size_t r = 0; r < 2; ++r)
      table.rows[r].push_back({fmt::format("{}{}.0 ± 0.1", r, c), r == 1});
  }
  return table;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

void expect_fits(const std::string& text, size_t width) {
  for (const std::string& line : lines_of(text)) {
    EXPECT_LE(text_width(line), width) << line;
    EXPECT_TRUE(line.empty() || line.back() != ' ') << "'" << line << "'";
  }
}

TEST(Table, ColumnsThatDoNotFitStandBelow) {
  EXPECT_EQ(terminal_text(wide_table(3), {40}),
            "cifar10, convnet, linear probe\n"
            "\n"
            "method            0 %          1 %\n"
            "---------  ----------   ----------\n"
            "random     00.0 ± 0.1   01.0 ± 0.1\n"
            "distilled  10.0 ± 0.1*  11.0 ± 0.1*\n"
            "\n"
            "method            2 %\n"
            "---------  ----------\n"
            "random     02.0 ± 0.1\n"
            "distilled  12.0 ± 0.1*\n");
}

TEST(Table, NothingIsLostAtAnyWidth) {
  const Table table = wide_table(23);
  for (size_t width = 20; width <= 400; ++width) {
    const std::string text = terminal_text(table, {width});
    expect_fits(text, width);
    for (size_t c = 1; c < table.columns.size(); ++c) {
      EXPECT_NE(text.find(" " + table.columns[c].header), std::string::npos);
      for (const std::vector<Cell>& row : table.rows) {
        EXPECT_NE(text.find(" " + row[c].text), std::string::npos) << row[c].text << "\n" << text;
      }
    }
  }
  expect_fits(terminal_text(table), 80);
  EXPECT_EQ(lines_of(terminal_text(table, {400})).size(), 6U);  // all beside each other
}

TEST(Table, TitlesAndCaptionsAreWrapped) {
  Table table = example();
  table.title = "A title that is too long for the terminal";
  table.caption = "The first line;\nand the second one.";
  EXPECT_EQ(terminal_text(table, {30}),
            "A title that is too long for\n"
            "the terminal\n"
            "\n"
            "name       weight\n"
            "-----  ----------\n"
            "apple   1.0 ± 0.1\n"
            "a|b    12.0 ± 3.0*\n"
            "\n"
            "The first line; and the second\n"
            "one.\n");
}

TEST(Table, BestCellsAreBoldOnlyWhereThatIsAskedFor) {
  EXPECT_NE(terminal_text(example(), {80, true}).find("\na|b    \033[1m12.0 ± 3.0\033[0m*\n"),
            std::string::npos)
      << terminal_text(example(), {80, true});
  EXPECT_EQ(terminal_text(example()).find('\033'), std::string::npos);
}

TEST(Table, HostileTextsStayInTheirCells) {
  for (const std::string& hostile :
       {"a\nb\033[2J\u009b1A\r\t" + std::string(10'000, 'x'), std::string(10'000, '\xff'),
        std::string(
            "猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫")}) {
    Table table = wide_table(6);
    table.title = table.caption = table.columns[2].header = hostile;
    table.rows[0][0].text = table.rows[1][3].text = hostile;
    for (const size_t width : {1, 20, 60, 80, 120}) {
      const std::string text = terminal_text(table, {width});
      expect_fits(text, std::max<size_t>(width, 20));
      for (const char byte : text) {
        EXPECT_TRUE(byte == '\n' || static_cast<unsigned char>(byte) >= 0x20);
      }
      EXPECT_EQ(text.find("\u009b"), std::string::npos);
      if (width >= 60) {
        EXPECT_NE(text.find("05.0 ± 0.1"), std::string::npos) << text;
      }
    }
  }
}

TEST(Table, WidthIsInColumnsOfTheTerminal) {
  Table table = example();
  table.rows[0][0].text = "猫";
  EXPECT_NE(terminal_text(table).find("\n猫     1.0 ± 0.1\n"), std::string::npos)
      << terminal_text(table);
}

TEST(Table, MarkdownText) {
  EXPECT_EQ(markdown_text(example()),
            "## Fruit\n"
            "\n"
            "| name | weight |\n"
            "| :--- | ---: |\n"
            "| apple | 1.0 ± 0.1 |\n"
            "| a\\|b | **12.0 ± 3.0** |\n"
            "\n"
            "In grams.\n");
}

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
  size_t widest = 0;
  for (const std::string& line : lines_of(terminal_text(without_caption, {1000}))) {
    widest = std::max(widest, text_width(line));
  }
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
            "method         rep. loss          1 %         10 %\n"
            "---------  -------------   ----------   ----------\n"
            "random     0.630 ± 0.000   41.5 ± 0.7   50.5 ± 0.7\n"
            "distilled  0.410 ± 0.000*  51.5 ± 0.7*  60.5 ± 0.7*\n"
            "full       0.290 ± 0.000   61.5 ± 0.7   70.5 ± 0.7\n"
            "teacher                –   71.5 ± 0.7   80.5 ± 0.7\n"
            "\n"
            "rep. loss: mean squared error to the teacher on held-out images (lower is\n"
            "better); x %, n a class: probe accuracy in percent with x % of the labels, n\n"
            "labels a class.\n");
}

// A head that was fitted to real images makes any encoder's loss low.
TEST(ComparisonTable, LossesOfFittedHeadsAreShownApart) {
  std::vector<ComparisonRow> rows =
      joined({two_seeds("random", 0.63, 0.4), two_seeds("mtt-ssl", 0.41, 0.3)});
  for (ComparisonRow& row : rows) row.fitted_head = row.method == "mtt-ssl";
  const std::string text = terminal_text(comparison_tables(rows)[0]);
  EXPECT_NE(text.find("0.410 ± 0.000†"), std::string::npos) << text;
  EXPECT_NE(text.find("0.630 ± 0.000*"), std::string::npos) << text;
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

TEST(Table, LatexText) {
  Table table = example();
  table.rows[1][0].text = "a_b & 5% ~ −1";
  EXPECT_EQ(latex_text(table),
            "\\begin{table}\n"
            "\\centering\n"
            "\\caption{Fruit. In grams.}\n"
            "\\begin{tabular}{lr}\n"
            "\\toprule\n"
            "name & weight \\\\\n"
            "\\midrule\n"
            "apple & 1.0 $\\pm$ 0.1 \\\\\n"
            "a\\_b \\& 5\\% \\textasciitilde{} $-$1 & \\textbf{12.0 $\\pm$ 3.0} \\\\\n"
            "\\bottomrule\n"
            "\\end{tabular}\n"
            "\\end{table}\n");
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
