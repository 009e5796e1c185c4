#include "mkdt/report/latex_table.h"

#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mkdt {
namespace {

const std::vector<std::pair<std::string_view, std::string_view>>& replacements() {
  static const std::vector<std::pair<std::string_view, std::string_view>> kAll = {
      {"\\", "\\textbackslash{}"},
      {"&", "\\&"},
      {"%", "\\%"},
      {"$", "\\$"},
      {"#", "\\#"},
      {"_", "\\_"},
      {"{", "\\{"},
      {"}", "\\}"},
      {"~", "\\textasciitilde{}"},
      {"^", "\\textasciicircum{}"},
      {"<", "\\textless{}"},
      {">", "\\textgreater{}"},
      {"\n", " "},
      {"±", "$\\pm$"},
      {"−", "$-$"},
      {"–", "--"},
      {"×", "$\\times$"},
      {"†", "\\textdagger{}"},
  };
  return kAll;
}

std::string escaped(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    std::string_view from = text.substr(0, 1);
    std::string_view to = from;
    for (const auto& [special, command] : replacements()) {
      if (text.substr(0, special.size()) != special) continue;
      from = special;
      to = command;
      break;
    }
    result += to;
    text.remove_prefix(from.size());
  }
  return result;
}

std::string line(const std::vector<std::string>& cells) {
  return fmt::format("{} \\\\\n", fmt::join(cells, " & "));
}

std::string caption_of(const Table& table) {
  const std::string caption = caption_with_bold(table);
  const std::string stop = table.title.empty() || caption.empty() ? "" : ". ";
  return escaped(table.title + stop + caption);
}

}  // namespace

std::string latex_text(const Table& table) {
  std::string alignment;
  std::vector<std::string> header;
  for (const Column& column : table.columns) {
    alignment += column.alignment == Alignment::kLeft ? 'l' : 'r';
    header.push_back(escaped(column.header));
  }
  std::string text = "\\begin{table}\n\\centering\n";
  const std::string caption = caption_of(table);
  if (!caption.empty()) text += fmt::format("\\caption{{{}}}\n", caption);
  text += fmt::format("\\begin{{tabular}}{{{}}}\n\\toprule\n", alignment);
  text += line(header) + "\\midrule\n";
  for (const std::vector<Cell>& row : table.rows) {
    std::vector<std::string> cells;
    for (const Cell& cell : row) {
      cells.push_back(cell.best ? fmt::format("\\textbf{{{}}}", escaped(cell.text))
                                : escaped(cell.text));
    }
    text += line(cells);
  }
  return text + "\\bottomrule\n\\end{tabular}\n\\end{table}\n";
}

}  // namespace mkdt
