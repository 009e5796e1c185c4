#include "mkdt/publish/table.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/base/text.h"

namespace mkdt {
namespace {

constexpr size_t kLeastWidth = 20;
constexpr size_t kMostBytes = 4000;  // of a text that is shown
constexpr size_t kGap = 2;           // blanks between columns

std::string shown(const std::string& text) { return printable(text, kMostBytes); }

std::string padded(const std::string& text, size_t width, Alignment alignment, bool bold) {
  const std::string fill(width - std::min(width, text_width(text)), ' ');
  const std::string inked = bold ? "\033[1m" + text + "\033[0m" : text;
  return alignment == Alignment::kLeft ? inked + fill : fill + inked;
}

std::string line_of_cells(const std::vector<std::string>& cells) {
  std::string text = fmt::format("{}", fmt::join(cells, std::string(kGap, ' ')));
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

// Wraps a text that may already be broken into lines.
std::string paragraph(const std::string& text, size_t width) {
  std::string lines;
  std::string plain = text;
  std::replace(plain.begin(), plain.end(), '\n', ' ');
  for (const std::string& one : wrapped(shown(plain), width)) {
    lines += shortened(one, width) + "\n";
  }
  return lines;
}

using Widths = std::vector<size_t>;  // of each column

Widths widths_of(const Table& table, size_t width) {
  Widths widths;
  size_t widest = 0;  // of the columns that stand beside the first one
  for (size_t c = 0; c < table.columns.size(); ++c) {
    widths.push_back(text_width(shown(table.columns[c].header)));
    for (const std::vector<Cell>& row : table.rows) {
      widths[c] = std::max(widths[c], text_width(shown(row[c].text)));
    }
    if (c > 0) widest = std::max(widest, widths[c]);
  }
  // Names are shortened for the sake of numbers, but something is left of them.
  const size_t wanted = width - std::min(width, kGap + widest);
  const size_t first = widest > 0 ? std::clamp(wanted, width / 4, width / 2) : width;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    const size_t most = c == 0 ? first : width - kGap - widths[0];
    widths[c] = std::min(widths[c], most);
  }
  return widths;
}

// Writes the first column and, beside it, the columns [begin, end), which fit.
std::string block(const Table& table, const Widths& widths, size_t begin, size_t end, bool bold) {
  std::vector<size_t> columns = {0};
  for (size_t c = begin; c < end; ++c) columns.push_back(c);
  const auto cells = [&](const auto& text_of) {
    std::vector<std::string> texts;
    texts.reserve(columns.size());
    for (const size_t c : columns) texts.push_back(text_of(c));
    return line_of_cells(texts);
  };
  const auto cell = [&](size_t c, const std::string& text, bool best) {
    return padded(shortened(shown(text), widths[c]), widths[c], table.columns[c].alignment,
                  best && bold);
  };
  std::string text = cells([&](size_t c) { return cell(c, table.columns[c].header, false); });
  text += cells([&](size_t c) { return std::string(widths[c], '-'); });
  for (const std::vector<Cell>& row : table.rows) {
    text += cells([&](size_t c) { return cell(c, row[c].text, row[c].best); });
  }
  return text;
}

std::string with_bars_escaped(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    if (letter == '|') result += '\\';
    result += letter;
  }
  return result;
}

}  // namespace

std::string caption_with_bold(const Table& table) {
  const bool any = std::any_of(table.rows.begin(), table.rows.end(), [](const auto& row) {
    return std::any_of(row.begin(), row.end(), [](const Cell& cell) { return cell.best; });
  });
  if (!any || table.bold_note.empty()) return table.caption;
  return table.caption + (table.caption.empty() ? "" : "\n") + table.bold_note;
}

std::string terminal_text(const Table& table, const TerminalText& how) {
  const size_t width = std::max(how.width, kLeastWidth);
  const size_t columns = table.columns.size();
  const Widths widths = widths_of(table, width);
  std::string text = paragraph(table.title, width);
  size_t begin = 1;
  do {
    size_t end = begin;
    for (size_t taken = columns > 0 ? widths[0] : 0; end < columns; ++end) {
      taken += kGap + widths[end];
      if (taken > width) break;
    }
    if (!text.empty()) text += "\n";
    if (columns > 0) text += block(table, widths, begin, end, how.bold);
    begin = end;
  } while (begin < columns);
  const std::string caption = how.bold ? caption_with_bold(table) : table.caption;
  if (!caption.empty()) text += "\n" + paragraph(caption, width);
  return text;
}

std::string markdown_text(const Table& table) {
  std::string text = table.title.empty() ? "" : fmt::format("## {}\n\n", table.title);
  std::string rule = "|";
  text += "|";
  for (const Column& column : table.columns) {
    text += fmt::format(" {} |", with_bars_escaped(column.header));
    rule += column.alignment == Alignment::kLeft ? " :--- |" : " ---: |";
  }
  text += "\n" + rule + "\n";
  for (const std::vector<Cell>& row : table.rows) {
    text += "|";
    for (const Cell& cell : row) {
      text += fmt::format(" {} |", cell.best ? "**" + with_bars_escaped(cell.text) + "**"
                                             : with_bars_escaped(cell.text));
    }
    text += "\n";
  }
  const std::string caption = caption_with_bold(table);
  if (!caption.empty()) text += "\n" + caption + "\n";
  return text;
}

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

std::string in_latex(std::string_view text) {
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
  return in_latex(table.title + stop + caption);
}

}  // namespace

std::string latex_text(const Table& table) {
  std::string alignment;
  std::vector<std::string> header;
  for (const Column& column : table.columns) {
    alignment += column.alignment == Alignment::kLeft ? 'l' : 'r';
    header.push_back(in_latex(column.header));
  }
  std::string text = "\\begin{table}\n\\centering\n";
  const std::string caption = caption_of(table);
  if (!caption.empty()) text += fmt::format("\\caption{{{}}}\n", caption);
  text += fmt::format("\\begin{{tabular}}{{{}}}\n\\toprule\n", alignment);
  text += line(header) + "\\midrule\n";
  for (const std::vector<Cell>& row : table.rows) {
    std::vector<std::string> cells;
    for (const Cell& cell : row) {
      cells.push_back(cell.best ? fmt::format("\\textbf{{{}}}", in_latex(cell.text))
                                : in_latex(cell.text));
    }
    text += line(cells);
  }
  return text + "\\bottomrule\n\\end{tabular}\n\\end{table}\n";
}

}  // namespace mkdt
