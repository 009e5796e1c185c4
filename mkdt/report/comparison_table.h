// The comparison as a reader wants it: one table a downstream set, protocol and encoder, one row a
// method.
#pragma once

#include <vector>

#include "mkdt/eval/comparison_row.h"
#include "mkdt/report/comparison_groups.h"
#include "mkdt/report/table.h"

namespace mkdt {

// Columns: method, representation loss, top-1 accuracy in percent for each label budget; each as
// mean ± sample standard deviation over seeds. The best of each column is bold among the methods
// that compete (see comparison_groups.h).
std::vector<Table> comparison_tables(const std::vector<ComparisonRow>& rows);

// The same without losses for the top-5 and the balanced accuracy, where there are any.
std::vector<Table> further_tables(const std::vector<ComparisonRow>& rows);

}  // namespace mkdt
