// A table for a paper.
#pragma once

#include <string>

#include "mkdt/report/table.h"

namespace mkdt {

// A table environment with a booktabs tabular: the best cells bold, title and caption as caption,
// LaTeX's special characters escaped, and ± − – × as the commands for them.
std::string latex_text(const Table& table);

}  // namespace mkdt
