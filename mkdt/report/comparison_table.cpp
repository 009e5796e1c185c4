#include "mkdt/report/comparison_table.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>

#include <fmt/format.h>

namespace mkdt {
namespace {

using Statistics = std::vector<std::optional<Statistic>>;  // one a method

bool competes(const std::string& method) { return method != "full" && method != "teacher"; }

template <typename Value>
void add_once(std::vector<Value>& values, const Value& value) {
  if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
}

std::string text_of(const std::optional<Statistic>& value, double unit, int decimals) {
  if (!value) return "–";
  const std::string mean = fmt::format("{:.{}f}", value->mean * unit, decimals);
  if (value->count < 2) return mean;
  return fmt::format("{} ± {:.{}f}", mean, value->deviation * unit, decimals);
}

// Enough decimals for three significant digits of the smallest mean.
int loss_decimals(const Statistics& values) {
  double smallest = 1;
  for (const auto& value : values) {
    if (value && value->mean > 0) smallest = std::min(smallest, value->mean);
  }
  return std::clamp(2 - static_cast<int>(std::floor(std::log10(smallest))), 3, 8);
}

void add_column(Table& table, const std::string& header, const std::vector<std::string>& methods,
                const Statistics& values, double unit, int decimals, bool lower_is_better) {
  std::optional<size_t> best;
  for (size_t i = 0; i < methods.size(); ++i) {
    if (!values[i] || !competes(methods[i])) continue;
    const bool better = !best || (lower_is_better ? values[i]->mean < values[*best]->mean
                                                  : values[i]->mean > values[*best]->mean);
    if (better) best = i;
  }
  table.columns.push_back({header, Alignment::kRight});
  for (size_t i = 0; i < methods.size(); ++i) {
    table.rows[i].push_back({text_of(values[i], unit, decimals), best == i});
  }
}

std::string title_of(const std::string& dataset, const std::vector<ComparisonRow>& rows) {
  std::set<int64_t> seeds;
  std::vector<std::string> encoders;
  for (const ComparisonRow& row : rows) {
    if (row.dataset != dataset) continue;
    seeds.insert(row.seed);
    if (row.representation_loss) add_once(encoders, row.encoder);
  }
  return fmt::format("{}{}{}, {} seed{}", dataset, encoders.empty() ? "" : ", ",
                     fmt::join(encoders, " and "), seeds.size(), seeds.size() == 1 ? "" : "s");
}

Table table_of(const std::string& dataset, const std::vector<ComparisonRow>& all_rows,
               const std::vector<SummaryRow>& summary) {
  std::vector<std::string> methods;
  std::vector<double> fractions;
  for (const SummaryRow& cell : summary) {
    if (cell.dataset != dataset) continue;
    add_once(methods, cell.method);
    if (cell.label_fraction) add_once(fractions, *cell.label_fraction);
  }
  std::sort(fractions.begin(), fractions.end());

  const auto column = [&](std::optional<Statistic> SummaryRow::*value,
                          std::optional<double> fraction) {
    Statistics values(methods.size());
    for (const SummaryRow& cell : summary) {
      if (cell.dataset != dataset || (fraction && cell.label_fraction != fraction)) continue;
      const auto place = std::find(methods.begin(), methods.end(), cell.method) - methods.begin();
      values[static_cast<size_t>(place)] = cell.*value;
    }
    return values;
  };

  Table table;
  table.title = title_of(dataset, all_rows);
  table.columns.push_back({"method", Alignment::kLeft});
  for (const std::string& method : methods) table.rows.push_back({{method, false}});
  const Statistics losses = column(&SummaryRow::representation_loss, std::nullopt);
  add_column(table, "rep. loss", methods, losses, 1, loss_decimals(losses), true);
  for (const double fraction : fractions) {
    add_column(table, fmt::format("{:.4g} %", fraction * 100), methods,
               column(&SummaryRow::accuracy, fraction), 100, 1, false);
  }
  table.caption =
      "rep. loss: mean squared error to the teacher on held-out images (lower is better)";
  if (!fractions.empty())
    table.caption += ";\nx %: probe accuracy in percent with x % of the labels";
  table.caption += ".";
  return table;
}

}  // namespace

std::vector<Table> comparison_tables(const std::vector<ComparisonRow>& rows) {
  std::vector<std::string> datasets;
  for (const ComparisonRow& row : rows) add_once(datasets, row.dataset);
  const std::vector<SummaryRow> summary = summarise(rows);
  std::vector<Table> tables;
  for (const std::string& dataset : datasets) tables.push_back(table_of(dataset, rows, summary));
  return tables;
}

}  // namespace mkdt
