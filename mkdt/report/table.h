// A small table of text, for the terminal and for Markdown.
#pragma once

#include <string>
#include <vector>

namespace mkdt {

enum class Alignment { kLeft, kRight };

struct Column {
  std::string header;
  Alignment alignment = Alignment::kRight;
};

struct Cell {
  std::string text;   // UTF-8, one line
  bool best = false;  // of its column
};

struct Table {
  std::string title;
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;  // each as long as `columns`
  std::string caption;                  // what the columns mean; empty: none
};

// Columns padded to equal width, the best cells marked with an asterisk.
std::string terminal_text(const Table& table);

// A heading of the second level and a pipe table, the best cells bold.
std::string markdown_text(const Table& table);

}  // namespace mkdt
