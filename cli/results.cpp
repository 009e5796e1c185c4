#include "cli/results.h"

#include <fmt/format.h>

#include "cli/print_table.h"
#include "cli/verbosity.h"
#include "mkdt/pipeline/pipeline.h"
#include "mkdt/report/comparison_table.h"
#include "mkdt/report/results.h"

namespace mkdt::cli {

void print_results(const std::filesystem::path& run_folder) {
  if (verbosity().quiet) return;
  const std::filesystem::path results = results_folder(run_folder);
  if (!std::filesystem::exists(results / "results.json")) return;
  for (const Table& table : comparison_tables(read_results(results / "results.json"))) {
    print_table(table);
  }
  fmt::print("\nTables: {}\n", (results / "results.md").string());
}

}  // namespace mkdt::cli
