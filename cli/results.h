// Prints the tables of a finished comparison on standard output.
#pragma once

#include <filesystem>
#include <optional>

#include "mkdt/distill/recipe.h"

namespace mkdt::cli {

// Prints nothing if there is no comparison in the run folder, or with --quiet. Recipes at the edge
// of `grid`, the comparison's own, are named below.
void print_results(const std::filesystem::path& run_folder,
                   const std::optional<RecipeSearch>& grid);

}  // namespace mkdt::cli
