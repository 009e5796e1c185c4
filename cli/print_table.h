// A table on standard output, as wide as the terminal allows.
#pragma once

#include "mkdt/report/table.h"

namespace mkdt::cli {

// After an empty line; 80 columns where standard output is no terminal.
void print_table(const Table& table);

}  // namespace mkdt::cli
