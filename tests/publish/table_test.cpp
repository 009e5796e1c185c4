#include "mkdt/publish/table.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "mkdt/base/text.h"

namespace mkdt {
namespace {

Table example_table() {
  Table table;
  table.title = "Fruit";
  table.columns = {{"name", Alignment::kLeft}, {"weight", Alignment::kRight}};
  table.rows = {{{"apple", false}, {"1.0 ± 0.1", false}}, {{"a|b", false}, {"12.0 ± 3.0", true}}};
  table.caption = "In grams.";
  return table;
}

TEST(Table, TerminalText) {
  EXPECT_EQ(terminal_text(example_table()),
            "Fruit\n"
            "\n"
            "name       weight\n"
            "-----  ----------\n"
            "apple   1.0 ± 0.1\n"
            "a|b    12.0 ± 3.0\n"
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

std::vector<std::string> table_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

void expect_fits(const std::string& text, size_t width) {
  for (const std::string& line : table_lines(text)) {
    EXPECT_LE(text_width(line), width) << line;
    EXPECT_TRUE(line.empty() || line.back() != ' ') << "'" << line << "'";
  }
}

TEST(Table, ColumnsThatDoNotFitStandBelow) {
  EXPECT_EQ(terminal_text(wide_table(3), {40}),
            "cifar10, convnet, linear probe\n"
            "\n"
            "method            0 %         1 %\n"
            "---------  ----------  ----------\n"
            "random     00.0 ± 0.1  01.0 ± 0.1\n"
            "distilled  10.0 ± 0.1  11.0 ± 0.1\n"
            "\n"
            "method            2 %\n"
            "---------  ----------\n"
            "random     02.0 ± 0.1\n"
            "distilled  12.0 ± 0.1\n");
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
  EXPECT_EQ(table_lines(terminal_text(table, {400})).size(), 6U);  // all beside each other
}

TEST(Table, TitlesAndCaptionsAreWrapped) {
  Table table = example_table();
  table.title = "A title that is too long for the terminal";
  table.caption = "The first line;\nand the second one.";
  EXPECT_EQ(terminal_text(table, {30}),
            "A title that is too long for\n"
            "the terminal\n"
            "\n"
            "name       weight\n"
            "-----  ----------\n"
            "apple   1.0 ± 0.1\n"
            "a|b    12.0 ± 3.0\n"
            "\n"
            "The first line; and the second\n"
            "one.\n");
}

TEST(Table, BestCellsAreBoldOnlyWhereThatIsAskedFor) {
  EXPECT_NE(terminal_text(example_table(), {80, true}).find("\na|b    \033[1m12.0 ± 3.0\033[0m\n"),
            std::string::npos)
      << terminal_text(example_table(), {80, true});
  EXPECT_EQ(terminal_text(example_table()).find('\033'), std::string::npos);
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
  Table table = example_table();
  table.rows[0][0].text = "猫";
  EXPECT_NE(terminal_text(table).find("\n猫     1.0 ± 0.1\n"), std::string::npos)
      << terminal_text(table);
}

TEST(Table, MarkdownText) {
  EXPECT_EQ(markdown_text(example_table()),
            "## Fruit\n"
            "\n"
            "| name | weight |\n"
            "| :--- | ---: |\n"
            "| apple | 1.0 ± 0.1 |\n"
            "| a\\|b | **12.0 ± 3.0** |\n"
            "\n"
            "In grams.\n");
}

TEST(Table, LatexText) {
  Table table = example_table();
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

}  // namespace
}  // namespace mkdt
