// How each method's encoders were pre-trained, and what a comparison has left to do, as tables.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mkdt/compare/comparison_cost.h"
#include "mkdt/compare/comparison_store.h"
#include "mkdt/publish/table.h"

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

// What a comparison has left to do, as a table.

// One row a method and encoder: its cells, those that are finished, the time for the rest.
Table work_table(const std::vector<PlannedWork>& work);

}  // namespace mkdt
