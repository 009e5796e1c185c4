// Writes a small table of text for the terminal, for Markdown and for papers.
#pragma once

#include <cstddef>
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
  bool best = false;  // of its column: bold
};

struct Table {
  std::string title;
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;  // each as long as `columns`
  std::string caption;                  // says what the columns mean; empty: none
  std::string bold_note;                // says what is bold, and is shown where anything is
};

struct TerminalText {
  size_t width = 80;  // columns of the terminal; 20 at least
  bool bold = false;  // escape codes for the best cells; without them nothing is marked
};

// Writes columns padded to equal width. No line is wider than the terminal: columns that do not fit
// beside the others stand below them, each time after the first one; titles and captions are
// wrapped. A text that is too wide by itself ends with "…". Control characters become '?'.
std::string terminal_text(const Table& table, const TerminalText& how = {});

// Writes a heading of the second level and a pipe table, the best cells bold.
std::string markdown_text(const Table& table);

// Returns the caption and, if any cell is bold, the note on it, for a text that shows bold cells.
std::string caption_with_bold(const Table& table);

// Writes a table environment with a booktabs tabular for a paper: the best cells bold, title and
// caption as caption, LaTeX's special characters escaped, and ± − – × as the commands for them.
std::string latex_text(const Table& table);

}  // namespace mkdt
