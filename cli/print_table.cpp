#include "cli/print_table.h"

#include <unistd.h>

#include <fmt/format.h>

#include "cli/terminal_style.h"
#include "mkdt/base/text.h"

namespace mkdt::cli {

void print_table(const Table& table) {
  const TerminalText how{terminal_width(STDOUT_FILENO), style_of(STDOUT_FILENO).colour};
  fmt::print("\n{}", terminal_text(table, how));
}

void print_paragraph(const std::string& text) {
  constexpr size_t kLongest = 4000;  // bytes
  if (text.empty()) return;
  fmt::print("\n");
  for (const std::string& line :
       wrapped(printable(text, kLongest), terminal_width(STDOUT_FILENO))) {
    fmt::print("{}\n", line);
  }
}

}  // namespace mkdt::cli
