#include "mkdt/report/comparison_table.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include <fmt/format.h>

#include "mkdt/core/decimal_text.h"
#include "mkdt/report/loss_decimals.h"

namespace mkdt {
namespace {

using Statistics = std::vector<std::optional<Statistic>>;  // one a method

std::string text_of(const std::optional<Statistic>& value, double unit, int decimals) {
  if (!value) return "–";
  const std::string mean = decimal_text(value->mean * unit, decimals);
  if (value->count < 2) return mean;
  return fmt::format("{} ± {}", mean, decimal_text(value->deviation * unit, decimals));
}

// `aside` are methods whose value is shown with a dagger and is never the best.
void add_column(Table& table, const std::string& header, const std::vector<std::string>& methods,
                const Statistics& values, double unit, int decimals, bool lower_is_better,
                const std::set<std::string>& aside = {}) {
  std::optional<size_t> best;
  for (size_t i = 0; i < methods.size(); ++i) {
    if (!values[i] || !competes(methods[i]) || aside.count(methods[i]) != 0) continue;
    const bool better = !best || (lower_is_better ? values[i]->mean < values[*best]->mean
                                                  : values[i]->mean > values[*best]->mean);
    if (better) best = i;
  }
  table.columns.push_back({header, Alignment::kRight});
  for (size_t i = 0; i < methods.size(); ++i) {
    const char* const mark = values[i] && aside.count(methods[i]) != 0 ? "†" : "";
    table.rows[i].push_back({text_of(values[i], unit, decimals) + mark, best == i});
  }
}

// A row a method and a first column of their names.
Table table_of_methods(const ComparisonGroup& group) {
  Table table;
  table.title = group.title();
  table.bold_note = "Bold: the best of the small sets; what all images gave is a reference.";
  table.columns.push_back({"method", Alignment::kLeft});
  for (const std::string& method : group.methods) table.rows.push_back({{method, false}});
  return table;
}

// One value a method of those summary rows that `wanted` picks, the first that is there.
template <typename Predicate>
Statistics column_of(const ComparisonGroup& group, const std::vector<SummaryRow>& summary,
                     std::optional<Statistic> SummaryRow::*value, const Predicate& wanted) {
  Statistics values(group.methods.size());
  for (const SummaryRow& cell : summary) {
    if (!wanted(cell)) continue;
    const auto place =
        std::find(group.methods.begin(), group.methods.end(), cell.method) - group.methods.begin();
    auto& statistic = values[static_cast<size_t>(place)];
    if (!statistic) statistic = cell.*value;
  }
  return values;
}

bool any(const Statistics& values) {
  return std::any_of(values.begin(), values.end(), [](const auto& value) { return !!value; });
}

// A column a label budget, where any method has the value; the number of columns.
int64_t add_accuracies(Table& table, const ComparisonGroup& group,
                       std::optional<Statistic> SummaryRow::*value) {
  const std::vector<SummaryRow> summary = summarise(group.rows);
  int64_t added = 0;
  for (const LabelBudget& budget : group.budgets) {
    const Statistics values = column_of(
        group, summary, value, [&](const SummaryRow& cell) { return cell.labels == budget; });
    if (!any(values)) continue;
    add_column(table, budget.text(), group.methods, values, 100, 1, false);
    ++added;
  }
  return added;
}

std::string accuracy_caption(const ComparisonGroup& group, const std::string& accuracy) {
  return fmt::format("x %, n a class: {} in percent with x % of the labels, n labels a class",
                     group.protocol == "probe" ? "probe " + accuracy : accuracy);
}

std::string seeds_note(const ComparisonGroup& group) {
  return group.seeds > 1 ? "\nMean ± sample standard deviation over seeds." : "";
}

std::set<std::string> methods_with_fitted_heads(const ComparisonGroup& group) {
  std::set<std::string> methods;
  for (const ComparisonRow& row : group.rows) {
    if (row.fitted_head) methods.insert(row.method);
  }
  return methods;
}

Table accuracy_table(const ComparisonGroup& group) {
  Table table = table_of_methods(group);
  const Statistics losses =
      column_of(group, summarise(group.rows), &SummaryRow::representation_loss,
                [](const auto&) { return true; });
  if (any(losses)) {
    const std::set<std::string> fitted = methods_with_fitted_heads(group);
    add_column(table, "rep. loss", group.methods, losses, 1, loss_decimals(group.rows), true,
               fitted);
    table.caption =
        "rep. loss: mean squared error to the teacher on held-out images (lower is better)";
    if (!fitted.empty()) table.caption += ";\n†: of a head fitted to the real images afterwards";
  }
  if (add_accuracies(table, group, &SummaryRow::accuracy) > 0) {
    if (!table.caption.empty()) table.caption += ";\n";
    table.caption += accuracy_caption(group, "accuracy");
  }
  if (!table.caption.empty()) table.caption += "." + seeds_note(group);
  return table;
}

}  // namespace

std::vector<Table> comparison_tables(const std::vector<ComparisonRow>& rows) {
  std::vector<Table> tables;
  for (const ComparisonGroup& group : comparison_groups(rows)) {
    tables.push_back(accuracy_table(group));
  }
  return tables;
}

std::vector<Table> further_tables(const std::vector<ComparisonRow>& rows) {
  std::vector<Table> tables;
  const auto add = [&](const ComparisonGroup& group, const std::string& name,
                       std::optional<Statistic> SummaryRow::*value) {
    Table table = table_of_methods(group);
    if (add_accuracies(table, group, value) == 0) return;
    table.title += ", " + name;
    table.caption = accuracy_caption(group, name) + "." + seeds_note(group);
    tables.push_back(table);
  };
  for (const ComparisonGroup& group : comparison_groups(rows)) {
    add(group, "top-5 accuracy", &SummaryRow::top5_accuracy);
    add(group, "balanced accuracy", &SummaryRow::balanced_accuracy);
  }
  return tables;
}

}  // namespace mkdt
