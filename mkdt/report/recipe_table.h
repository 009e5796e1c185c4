// How each method's encoders were pre-trained.
#pragma once

#include <vector>

#include "mkdt/eval/comparison_row.h"
#include "mkdt/report/table.h"

namespace mkdt {

// One row a method and encoder with a recipe: learning rate, steps, and the representation loss on
// validation images that chose them ("–" for a fixed recipe). No rows if there is none.
Table recipe_table(const std::vector<ComparisonRow>& rows);

}  // namespace mkdt
