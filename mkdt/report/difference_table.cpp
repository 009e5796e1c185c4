#include "mkdt/report/difference_table.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "mkdt/eval/paired_difference.h"
#include "mkdt/report/comparison_groups.h"

namespace mkdt {
namespace {

// In percentage points, with a minus sign as wide as a plus; never "−0.0".
std::string points(double value, bool plus) {
  const double rounded = std::round(1000 * value) / 10;
  if (rounded < 0) return fmt::format("−{:.1f}", -rounded);
  return fmt::format("{}{:.1f}", plus ? "+" : "", std::abs(rounded));
}

std::string text_of(const PairedDifference& difference) {
  const std::string mean = points(difference.mean, true);
  if (!difference.half_width) return mean;
  return fmt::format("{} [{}, {}]", mean, points(difference.mean - *difference.half_width, false),
                     points(difference.mean + *difference.half_width, false));
}

Table table_of(const ComparisonGroup& group, const std::vector<PairedDifference>& differences,
               const std::string& baseline) {
  Table table;
  table.title = fmt::format("{}, against {}", group.title(), baseline);
  table.columns.push_back({"method", Alignment::kLeft});
  for (const LabelBudget& budget : group.budgets) {
    table.columns.push_back({budget.text(), Alignment::kRight});
  }
  for (const std::string& method : group.methods) {
    std::vector<Cell> row = {{method, false}};
    bool any = false;
    for (const LabelBudget& budget : group.budgets) {
      const auto found = std::find_if(differences.begin(), differences.end(), [&](const auto& one) {
        return one.method == method && one.labels == budget;
      });
      any = any || found != differences.end();
      row.push_back({found == differences.end() ? "–" : text_of(*found), false});
    }
    if (any) table.rows.push_back(row);
  }
  table.caption = fmt::format(
      "Percentage points of accuracy more than {}: mean over seeds and its 95 % interval\n"
      "(Student's t, seeds paired).",
      baseline);
  return table;
}

}  // namespace

std::vector<Table> difference_tables(const std::vector<ComparisonRow>& rows,
                                     const std::string& baseline_method) {
  std::vector<Table> tables;
  for (const ComparisonGroup& group : comparison_groups(rows)) {
    const auto differences = paired_differences(group.rows, baseline_method);
    if (!differences.empty()) tables.push_back(table_of(group, differences, baseline_method));
  }
  return tables;
}

std::vector<Table> export_tables(const std::vector<ComparisonRow>& rows) {
  std::vector<ComparisonRow> both;
  for (const ComparisonRow& row : rows) {
    if (row.method == "distilled" || row.method == "distilled-png") both.push_back(row);
  }
  std::vector<Table> tables = difference_tables(both, "distilled");
  for (Table& table : tables) {
    table.title += ", exported as PNG";
    table.caption += " The recipe is searched for the exported set too.";
  }
  return tables;
}

}  // namespace mkdt
