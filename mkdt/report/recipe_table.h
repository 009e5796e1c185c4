// How each method's encoders were pre-trained.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mkdt/eval/comparison_row.h"
#include "mkdt/report/table.h"

namespace mkdt {

// One row a method and encoder with a recipe: learning rate, steps, and the representation loss on
// validation images that chose them ("–" for a fixed recipe). No rows if there is none. The caption
// is edge_note.
Table recipe_table(const std::vector<ComparisonRow>& rows,
                   const std::optional<RecipeSearch>& grid = std::nullopt);

// A sentence that names the methods whose recipe lies at the edge of the search's grid, and says
// what that means for their numbers; empty if there is none.
std::string edge_note(const std::vector<ComparisonRow>& rows,
                      const std::optional<RecipeSearch>& grid);

}  // namespace mkdt
