#include "mkdt/report/table.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

namespace mkdt {
namespace {

// Code points of a UTF-8 text: its width in a terminal, for the characters used here.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  }));
}

std::string padded(const std::string& text, size_t width, Alignment alignment) {
  const std::string fill(width - std::min(width, width_of(text)), ' ');
  return alignment == Alignment::kLeft ? text + fill : fill + text;
}

std::string line(const std::vector<std::string>& cells) {
  std::string text = fmt::format("{}", fmt::join(cells, "  "));
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    if (letter == '|') result += '\\';
    result += letter;
  }
  return result;
}

}  // namespace

std::string terminal_text(const Table& table) {
  const size_t columns = table.columns.size();
  std::vector<size_t> width(columns);
  std::vector<bool> marks(columns);
  for (size_t c = 0; c < columns; ++c) {
    width[c] = width_of(table.columns[c].header);
    for (const std::vector<Cell>& row : table.rows) {
      width[c] = std::max(width[c], width_of(row[c].text));
      if (row[c].best) marks[c] = true;
    }
  }
  const auto cell = [&](size_t c, const std::string& text, bool best) {
    const std::string mark = marks[c] ? (best ? "*" : " ") : "";
    return padded(text, width[c], table.columns[c].alignment) + mark;
  };

  std::vector<std::string> header;
  std::vector<std::string> rule;
  for (size_t c = 0; c < columns; ++c) {
    header.push_back(cell(c, table.columns[c].header, false));
    rule.emplace_back(width[c], '-');
    if (marks[c]) rule.back() += ' ';
  }
  std::string text = table.title.empty() ? "" : table.title + "\n\n";
  text += line(header) + line(rule);
  for (const std::vector<Cell>& row : table.rows) {
    std::vector<std::string> cells;
    for (size_t c = 0; c < columns; ++c) cells.push_back(cell(c, row[c].text, row[c].best));
    text += line(cells);
  }
  if (!table.caption.empty()) text += "\n" + table.caption + "\n";
  return text;
}

std::string markdown_text(const Table& table) {
  std::string text = table.title.empty() ? "" : fmt::format("## {}\n\n", table.title);
  std::string rule = "|";
  text += "|";
  for (const Column& column : table.columns) {
    text += fmt::format(" {} |", escaped(column.header));
    rule += column.alignment == Alignment::kLeft ? " :--- |" : " ---: |";
  }
  text += "\n" + rule + "\n";
  for (const std::vector<Cell>& row : table.rows) {
    text += "|";
    for (const Cell& cell : row) {
      text +=
          fmt::format(" {} |", cell.best ? "**" + escaped(cell.text) + "**" : escaped(cell.text));
    }
    text += "\n";
  }
  if (!table.caption.empty()) text += "\n" + table.caption + "\n";
  return text;
}

}  // namespace mkdt
