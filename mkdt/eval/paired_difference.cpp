#include "mkdt/eval/paired_difference.h"

#include <algorithm>
#include <cmath>

#include "mkdt/eval/student_t.h"

namespace mkdt {
namespace {

constexpr double kConfidence = 0.95;

bool same_test(const ComparisonRow& a, const ComparisonRow& b) {
  return a.encoder == b.encoder && a.dataset == b.dataset && a.protocol == b.protocol &&
         a.labels == b.labels;
}

bool same_cell(const ComparisonRow& a, const ComparisonRow& b) {
  return a.method == b.method && same_test(a, b);
}

std::optional<double> baseline_of(const std::vector<ComparisonRow>& rows,
                                  const std::string& baseline, const ComparisonRow& row) {
  for (const ComparisonRow& other : rows) {
    if (other.method == baseline && other.seed == row.seed && same_test(other, row)) {
      return other.accuracy;
    }
  }
  return std::nullopt;
}

PairedDifference difference_of(const ComparisonRow& cell, const std::vector<double>& values) {
  const Statistic over_seeds = statistic(values);
  PairedDifference result;
  result.method = cell.method;
  result.encoder = cell.encoder;
  result.dataset = cell.dataset;
  result.protocol = cell.protocol;
  result.labels = *cell.labels;
  result.seeds = over_seeds.count;
  result.mean = over_seeds.mean;
  if (over_seeds.count > 1) {
    result.half_width = student_t_quantile(kConfidence, over_seeds.count - 1) *
                        over_seeds.deviation / std::sqrt(static_cast<double>(over_seeds.count));
  }
  return result;
}

}  // namespace

std::vector<PairedDifference> paired_differences(const std::vector<ComparisonRow>& rows,
                                                 const std::string& baseline_method) {
  std::vector<PairedDifference> result;
  for (auto first = rows.begin(); first != rows.end(); ++first) {
    const auto is_first = [&](const ComparisonRow& row) { return same_cell(row, *first); };
    if (first->method == baseline_method || !first->labels) continue;
    if (std::find_if(rows.begin(), first, is_first) != first) continue;
    std::vector<double> values;
    for (auto row = first; row != rows.end(); ++row) {
      if (!same_cell(*row, *first) || !row->accuracy) continue;
      const std::optional<double> partner = baseline_of(rows, baseline_method, *row);
      if (partner) values.push_back(*row->accuracy - *partner);
    }
    if (!values.empty()) result.push_back(difference_of(*first, values));
  }
  return result;
}

}  // namespace mkdt
