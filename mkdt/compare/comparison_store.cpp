#include "mkdt/compare/comparison_store.h"

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

void ComparisonStore::add(const ComparisonRow& row) {
  rows_[row.key] = row;
  save_rows();
}

void ComparisonStore::add_recipe(const std::string& key, const Recipe& recipe) {
  recipes_[key] = recipe;
  save_recipes();
}

void ComparisonStore::add_curve(const std::string& key, const std::vector<CurvePoint>& points) {
  curves_[key] = points;
  save_curves();
}

std::optional<TrainedEncoder> ComparisonStore::encoder(const std::string& key) const {
  const auto found = encoders_.find(key);
  if (found == encoders_.end()) return std::nullopt;
  return found->second;
}

void ComparisonStore::keep_encoder(const std::string& key, const TrainedEncoder& encoder) {
  encoders_[key] = encoder;
}

void ComparisonStore::drop_encoder(const std::string& key) { encoders_.erase(key); }

}  // namespace mkdt
