// What a comparison has left to do, as a table.
#pragma once

#include <vector>

#include "mkdt/eval/comparison_work.h"
#include "mkdt/report/table.h"

namespace mkdt {

// One row a method and encoder: its cells, those that are finished, the time for the rest.
Table work_table(const std::vector<PlannedWork>& work);

}  // namespace mkdt
