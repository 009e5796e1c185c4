// The comparison as a reader wants it: one table a downstream set, one row a method.
#pragma once

#include <vector>

#include "mkdt/eval/comparison_row.h"
#include "mkdt/report/table.h"

namespace mkdt {

// Columns: method, representation loss, accuracy in percent for each label fraction; each as mean
// ± sample standard deviation over seeds. The best of each column is marked among the methods that
// compete: all images ("full") and the teacher are what a small set is measured against.
std::vector<Table> comparison_tables(const std::vector<ComparisonRow>& rows);

}  // namespace mkdt
