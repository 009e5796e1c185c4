// Prints tables and paragraphs on standard output, as wide as the terminal allows.
#pragma once

#include <string>

#include "mkdt/publish/table.h"

namespace mkdt::cli {

// Prints a table after an empty line; 80 columns where standard output is no terminal.
void print_table(const Table& table);

// Prints a text after an empty line, wrapped in the same way; nothing for an empty one.
void print_paragraph(const std::string& text);

}  // namespace mkdt::cli
