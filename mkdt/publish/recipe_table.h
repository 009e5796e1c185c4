// Makes tables of how each method's encoders were pre-trained, and of what a comparison has left to
// do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mkdt/compare/comparison_cost.h"
#include "mkdt/compare/comparison_store.h"
#include "mkdt/publish/table.h"

namespace mkdt {

// Returns one row for each method and encoder with a recipe: learning rate, steps, and the
// representation loss on validation images that chose them ("–" for a fixed recipe). There are no
// rows if there is no recipe. The caption is edge_note.
Table recipe_table(const std::vector<ComparisonRow>& rows,
                   const std::optional<RecipeSearch>& grid = std::nullopt);

// Returns a sentence that names the methods whose recipe lies at the edge of the search's grid, and
// says what that means for their numbers; empty if there is none.
std::string edge_note(const std::vector<ComparisonRow>& rows,
                      const std::optional<RecipeSearch>& grid);

// Returns one row for each method and encoder: the number of its cells, how many are finished, and
// the time for the rest.
Table work_table(const std::vector<PlannedWork>& work);

}  // namespace mkdt
