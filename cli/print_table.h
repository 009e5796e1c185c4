// A table on standard output, as wide as the terminal allows.
#pragma once

#include <string>

#include "mkdt/report/table.h"

namespace mkdt::cli {

// After an empty line; 80 columns where standard output is no terminal.
void print_table(const Table& table);
// A text of some sentences, likewise.
void print_paragraph(const std::string& text);

}  // namespace mkdt::cli
