#include "mkdt/eval/comparison_row.h"

#include <algorithm>
#include <cmath>

namespace mkdt {
namespace {

bool same_cell(const ComparisonRow& row, const SummaryRow& cell) {
  return row.method == cell.method && row.encoder == cell.encoder && row.dataset == cell.dataset &&
         row.protocol == cell.protocol && row.labels == cell.labels;
}

std::optional<Statistic> statistic_of(const std::vector<ComparisonRow>& rows,
                                      const SummaryRow& cell,
                                      std::optional<double> ComparisonRow::*value) {
  std::vector<double> values;
  for (const ComparisonRow& row : rows) {
    if (same_cell(row, cell) && (row.*value).has_value()) values.push_back(*(row.*value));
  }
  if (values.empty()) return std::nullopt;
  return statistic(values);
}

}  // namespace

Statistic statistic(const std::vector<double>& values) {
  Statistic result;
  result.count = static_cast<int64_t>(values.size());
  const auto count = static_cast<double>(values.size());
  for (const double value : values) result.mean += value / count;
  if (values.size() < 2) return result;
  double squares = 0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  result.deviation = std::sqrt(squares / (count - 1));
  return result;
}

std::vector<SummaryRow> summarise(const std::vector<ComparisonRow>& rows) {
  std::vector<SummaryRow> cells;
  for (const ComparisonRow& row : rows) {
    const bool known = std::any_of(cells.begin(), cells.end(),
                                   [&](const SummaryRow& cell) { return same_cell(row, cell); });
    if (known) continue;
    SummaryRow cell;
    cell.method = row.method;
    cell.encoder = row.encoder;
    cell.dataset = row.dataset;
    cell.protocol = row.protocol;
    cell.labels = row.labels;
    cell.fitted_head = row.fitted_head;
    cell.accuracy = statistic_of(rows, cell, &ComparisonRow::accuracy);
    cell.top5_accuracy = statistic_of(rows, cell, &ComparisonRow::top5_accuracy);
    cell.balanced_accuracy = statistic_of(rows, cell, &ComparisonRow::balanced_accuracy);
    cell.representation_loss = statistic_of(rows, cell, &ComparisonRow::representation_loss);
    cells.push_back(cell);
  }
  return cells;
}

}  // namespace mkdt
