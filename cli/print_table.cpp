#include "cli/print_table.h"

#include <unistd.h>

#include <fmt/format.h>

#include "cli/terminal_style.h"

namespace mkdt::cli {

void print_table(const Table& table) {
  const TerminalText how{terminal_width(STDOUT_FILENO), style_of(STDOUT_FILENO).colour};
  fmt::print("\n{}", terminal_text(table, how));
}

void print_paragraph(const std::string& text) {
  Table titled;  // without columns
  titled.title = text;
  print_table(titled);
}

}  // namespace mkdt::cli
