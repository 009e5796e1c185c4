// How a published set fares against other methods, for its card.
#pragma once

#include <string>
#include <vector>

#include "mkdt/eval/comparison_row.h"

namespace mkdt {

// Markdown: what the methods are, a table and heading of the third level for each downstream set,
// protocol and encoder, then the differences to the random subset. Says so if there are no rows.
std::string results_section(const std::vector<ComparisonRow>& rows);

}  // namespace mkdt
