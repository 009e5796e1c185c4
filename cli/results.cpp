#include "cli/results.h"

#include <fmt/format.h>

#include "cli/print_table.h"
#include "cli/verbosity.h"
#include "mkdt/pipeline/pipeline.h"
#include "mkdt/report/comparison_table.h"
#include "mkdt/report/recipe_table.h"
#include "mkdt/report/results.h"

namespace mkdt::cli {

void print_results(const std::filesystem::path& run_folder,
                   const std::optional<RecipeSearch>& grid) {
  if (verbosity().quiet) return;
  const std::filesystem::path results = results_folder(run_folder);
  if (!std::filesystem::exists(results / "results.json")) return;
  const std::vector<ComparisonRow> rows = read_results(results / "results.json");
  for (const Table& table : comparison_tables(rows)) print_table(table);
  const std::string note = edge_note(rows, grid);
  if (!note.empty()) print_paragraph(note);
  fmt::print("\nTables: {}\n", (results / "results.md").string());
}

}  // namespace mkdt::cli
