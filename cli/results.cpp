#include "cli/results.h"

#include <fmt/format.h>

#include "cli/print_table.h"
#include "cli/verbosity.h"
#include "mkdt/publish/comparison_table.h"
#include "mkdt/publish/recipe_table.h"
#include "mkdt/publish/results.h"
#include "mkdt/publish/verdict.h"
#include "mkdt/stages/pipeline.h"

namespace mkdt::cli {

void print_results(const std::filesystem::path& run_folder,
                   const std::optional<RecipeSearch>& grid) {
  if (verbosity().quiet) return;
  const std::filesystem::path results = results_folder(run_folder);
  if (!std::filesystem::exists(results / kResultsFile)) return;
  const std::vector<ComparisonRow> rows = read_results(results / kResultsFile);
  const std::vector<ComparisonGroup> groups = comparison_groups(rows);
  const std::vector<Table> tables = comparison_tables(rows);  // one a group
  for (size_t i = 0; i < tables.size(); ++i) {
    print_table(tables[i]);
    print_paragraph(verdict(groups[i]));
    print_paragraph(verdict_note(groups[i]));
  }
  print_paragraph(edge_note(rows, grid));
  fmt::print("\nTables: {}\n", (results / "results.md").string());
}

}  // namespace mkdt::cli
