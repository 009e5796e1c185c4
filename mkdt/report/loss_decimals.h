// How many decimals a table's representation losses have.
#pragma once

#include <vector>

#include "mkdt/eval/comparison_row.h"

namespace mkdt {

// Enough for three significant digits of the smallest loss, 3 to 8; rows without one count for
// nothing.
int loss_decimals(const std::vector<double>& losses);

// Of the means over seeds of these rows.
int loss_decimals(const std::vector<ComparisonRow>& rows);

}  // namespace mkdt
