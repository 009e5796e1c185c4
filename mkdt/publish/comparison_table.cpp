#include "mkdt/publish/comparison_table.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>

#include <fmt/format.h>

#include "mkdt/base/units.h"
#include "mkdt/compare/methods.h"

namespace mkdt {
namespace {

template <typename Value>
void add_once(std::vector<Value>& values, const Value& value) {
  if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
}

bool has_given_features(const ComparisonRow& row) {
  return is_of_kind(row.method, MethodKind::kGivenFeatures);
}

bool same_test(const ComparisonRow& row, const ComparisonGroup& group) {
  return row.dataset == group.dataset && row.protocol == group.protocol;
}

bool belongs(const ComparisonRow& row, const ComparisonGroup& group) {
  return same_test(row, group) && (has_given_features(row) || row.encoder == group.encoder);
}

// Returns the groups with their names and without rows.
std::vector<ComparisonGroup> empty_groups(const std::vector<ComparisonRow>& rows) {
  std::vector<ComparisonGroup> groups;
  for (const bool given : {false, true}) {
    for (const ComparisonRow& row : rows) {
      if (has_given_features(row) != given) continue;
      const bool placed =
          std::any_of(groups.begin(), groups.end(),
                      [&](const ComparisonGroup& group) { return belongs(row, group); });
      if (placed) continue;
      ComparisonGroup group;
      group.dataset = row.dataset;
      group.protocol = row.protocol;
      group.encoder = row.encoder;
      groups.push_back(group);
    }
  }
  return groups;
}

}  // namespace

std::string ComparisonGroup::title() const {
  const std::string test = budgets.empty() ? "" : ", " + protocol_text(protocol);
  return fmt::format("{}, {}{}, {} seed{}", dataset, encoder, test, seeds, seeds == 1 ? "" : "s");
}

std::vector<ComparisonGroup> comparison_groups(const std::vector<ComparisonRow>& rows) {
  std::vector<ComparisonGroup> groups = empty_groups(rows);
  for (ComparisonGroup& group : groups) {
    std::set<int64_t> seeds;
    for (const ComparisonRow& row : rows) {
      if (!belongs(row, group)) continue;
      group.rows.push_back(row);
      add_once(group.methods, row.method);
      if (row.labels) add_once(group.budgets, *row.labels);
      seeds.insert(row.seed);
    }
    std::sort(group.budgets.begin(), group.budgets.end());
    group.seeds = static_cast<int64_t>(seeds.size());
  }
  return groups;
}

bool competes(const std::string& method) {
  const auto known = find_method(method);
  return !known || entry_of(*known).competes;
}

std::string protocol_text(const std::string& protocol) {
  if (protocol == "probe") return "linear probe";
  if (protocol == "finetune") return "fine-tuning";
  if (protocol == "knn") return "k-NN";
  return protocol;
}

int loss_decimals(const std::vector<double>& losses) {
  double smallest = 1;
  for (const double loss : losses) {
    if (loss > 0) smallest = std::min(smallest, loss);
  }
  return std::clamp(2 - static_cast<int>(std::floor(std::log10(smallest))), 3, 8);
}

int loss_decimals(const std::vector<ComparisonRow>& rows) {
  std::vector<double> losses;
  for (const SummaryRow& row : summarise(rows)) {
    if (row.representation_loss) losses.push_back(row.representation_loss->mean);
  }
  return loss_decimals(losses);
}

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

// Returns a table with one row a method and, as first column, their names.
Table table_of_methods(const ComparisonGroup& group) {
  Table table;
  table.title = group.title();
  table.bold_note = "Bold: the best of the small sets; what all images gave is a reference.";
  table.columns.push_back({"method", Alignment::kLeft});
  for (const std::string& method : group.methods) table.rows.push_back({{method, false}});
  return table;
}

// Returns for each method the first value among the summary rows that `wanted` picks.
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

// Adds a column for each label budget for which any method has the value; returns the number of
// columns.
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
