#include "mkdt/compare/statistics.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace mkdt {

double student_t_central(double t, int64_t degrees) {
  constexpr double kTwoOverPi = 0.63661977236758134308;
  const double angle = std::atan(t / std::sqrt(static_cast<double>(degrees)));
  const double cosine = std::cos(angle);
  const bool odd = degrees % 2 == 1;
  // The terms of the sums are cos·(2/3)cos²·(4/5)cos² … and 1·(1/2)cos²·(3/4)cos² …
  double term = odd ? cosine : 1;
  double sum = 0;
  for (int64_t k = odd ? 3 : 2; k <= degrees; k += 2) {
    sum += term;
    term *= cosine * cosine * static_cast<double>(k - 1) / static_cast<double>(k);
  }
  const double series = std::sin(angle) * sum;
  return odd ? kTwoOverPi * (angle + series) : series;
}

double student_t_quantile(double confidence, int64_t degrees) {
  double low = 0;
  double high = 1;
  while (student_t_central(high, degrees) < confidence) high *= 2;
  for (int halving = 0; halving < 200 && low < high; ++halving) {
    const double middle = (low + high) / 2;
    (student_t_central(middle, degrees) < confidence ? low : high) = middle;
  }
  return high;
}

std::optional<double> half_width(const Statistic& over_seeds) {
  constexpr double kConfidence = 0.95;
  if (over_seeds.count < 2) return std::nullopt;
  return student_t_quantile(kConfidence, over_seeds.count - 1) * over_seeds.deviation /
         std::sqrt(static_cast<double>(over_seeds.count));
}

namespace {

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

PairedInterval interval_of(const std::vector<double>& values) {
  const Statistic over_seeds = statistic(values);
  PairedInterval result;
  result.seeds = over_seeds.count;
  result.mean = over_seeds.mean;
  result.half_width = half_width(over_seeds);
  return result;
}

// Returns, by seed, the loss of the encoder that the method pre-trained with it.
std::map<int64_t, double> losses_of(const std::vector<ComparisonRow>& rows,
                                    const std::string& encoder, const std::string& dataset,
                                    const std::string& method) {
  std::map<int64_t, double> losses;
  for (const ComparisonRow& row : rows) {
    if (row.encoder != encoder || row.dataset != dataset) continue;
    if (row.method != method || row.fitted_head) continue;
    if (row.representation_loss) losses[row.seed] = *row.representation_loss;
  }
  return losses;
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
    if (values.empty()) continue;
    result.push_back({first->method, first->encoder, first->dataset, first->protocol,
                      *first->labels, interval_of(values)});
  }
  return result;
}

std::optional<PairedInterval> paired_loss_difference(const std::vector<ComparisonRow>& rows,
                                                     const std::string& encoder,
                                                     const std::string& dataset,
                                                     const std::string& method,
                                                     const std::string& baseline_method) {
  const std::map<int64_t, double> baseline = losses_of(rows, encoder, dataset, baseline_method);
  std::vector<double> values;
  for (const auto& [seed, loss] : losses_of(rows, encoder, dataset, method)) {
    const auto partner = baseline.find(seed);
    if (partner != baseline.end()) values.push_back(loss - partner->second);
  }
  if (values.empty()) return std::nullopt;
  return interval_of(values);
}

}  // namespace mkdt
