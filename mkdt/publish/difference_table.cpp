#include "mkdt/publish/difference_table.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "mkdt/base/units.h"
#include "mkdt/compare/statistics.h"
#include "mkdt/publish/comparison_table.h"

namespace mkdt {
namespace {

// Writes the value with its sign, but never "−0.0".
std::string signed_text(double value, int decimals, bool plus) {
  const std::string size = decimal_text(std::abs(value), decimals);
  const bool zero = size.find_first_not_of("0.") == std::string::npos;
  if (value < 0 && !zero) return "−" + size;
  return (plus ? "+" : "") + size;
}

}  // namespace

std::string difference_text(const PairedInterval& difference, double unit, int decimals) {
  const auto text = [&](double value, bool plus) {
    return signed_text(unit * value, decimals, plus);
  };
  std::string mean = text(difference.mean, true);
  if (!difference.half_width) return mean;
  return fmt::format("{} [{}, {}]", mean, text(difference.mean - *difference.half_width, false),
                     text(difference.mean + *difference.half_width, false));
}

namespace {

Table table_of(const ComparisonGroup& group, const std::vector<PairedDifference>& differences,
               const std::string& baseline) {
  Table table;
  table.title = fmt::format("{}, against {}", group.title(), baseline);
  table.columns = {{"method", Alignment::kLeft}, {"rep. loss"}};
  for (const LabelBudget& budget : group.budgets) {
    table.columns.push_back({budget.text(), Alignment::kRight});
  }
  const int decimals = loss_decimals(group.rows);
  for (const std::string& method : group.methods) {
    if (method == baseline) continue;
    const auto loss =
        paired_loss_difference(group.rows, group.encoder, group.dataset, method, baseline);
    std::vector<Cell> row = {{method, false},
                             {loss ? difference_text(*loss, 1, decimals) : "–", false}};
    bool any = loss.has_value();
    for (const LabelBudget& budget : group.budgets) {
      const auto found = std::find_if(differences.begin(), differences.end(), [&](const auto& one) {
        return one.method == method && one.labels == budget;
      });
      any = any || found != differences.end();
      row.push_back(
          {found == differences.end() ? "–" : difference_text(found->accuracy, 100, 1), false});
    }
    if (any) table.rows.push_back(row);
  }
  table.caption = fmt::format(
      "Representation loss, and percentage points of accuracy, more than {}'s: mean over seeds\n"
      "and its 95 % interval (Student's t, seeds paired).\n{}",
      baseline, kWhatSeedsVary);
  return table;
}

}  // namespace

std::vector<Table> difference_tables(const std::vector<ComparisonRow>& rows,
                                     const std::string& baseline_method) {
  std::vector<Table> tables;
  for (const ComparisonGroup& group : comparison_groups(rows)) {
    const auto differences = paired_differences(group.rows, baseline_method);
    Table table = table_of(group, differences, baseline_method);
    if (!table.rows.empty()) tables.push_back(std::move(table));
  }
  return tables;
}

std::vector<Table> export_tables(const std::vector<ComparisonRow>& rows) {
  const std::string exact = name_of(Method::kDistilled);
  const std::string exported = name_of(Method::kDistilledPng);
  std::vector<ComparisonRow> both;
  for (const ComparisonRow& row : rows) {
    if (row.method == exact || row.method == exported) both.push_back(row);
  }
  std::vector<Table> tables = difference_tables(both, exact);
  for (Table& table : tables) {
    table.title += ", exported as PNG";
    table.caption += " The recipe is searched for the exported set too.";
  }
  return tables;
}

}  // namespace mkdt
