#include <functional>
#include <set>

#include <fmt/format.h>

#include "mkdt/eval/comparison_row.h"
#include "mkdt/study/variance_study.h"

namespace mkdt {
namespace {

// In order of appearance.
std::vector<std::string> losses_of(const GradientVariance& found) {
  std::vector<std::string> names;
  for (const GradientPoint& point : found.gradients) {
    if (names.empty() || names.back() != point.loss) names.push_back(point.loss);
  }
  return names;
}

template <typename Entry>
std::vector<double> values(const std::vector<Entry>& entries,
                           const std::function<bool(const Entry&)>& wanted,
                           const std::function<double(const Entry&)>& value) {
  std::vector<double> chosen;
  for (const Entry& entry : entries) {
    if (wanted(entry)) chosen.push_back(value(entry));
  }
  return chosen;
}

std::string with_deviation(const std::vector<double>& values) {
  const Statistic of = statistic(values);
  return fmt::format("{:.3g} ± {:.2g}", of.mean, of.deviation);
}

Table ratios(const GradientVariance& found, const std::vector<std::string>& losses) {
  std::set<std::pair<int64_t, int64_t>> points;  // epoch, batch
  for (const GradientPoint& point : found.gradients) points.insert({point.epoch, point.batch});
  Table table;
  table.title = "Signal-to-noise ratio of a mini-batch's gradient";
  table.columns = {{"epochs"}, {"batch"}};
  for (const std::string& loss : losses) table.columns.push_back({loss});
  if (losses.size() == 2) table.columns.push_back({"ratio"});
  for (const auto& [epoch, batch] : points) {
    std::vector<Cell> row = {{std::to_string(epoch)}, {std::to_string(batch)}};
    std::vector<double> means;
    for (const std::string& loss : losses) {
      const std::vector<double> chosen = values<GradientPoint>(
          found.gradients,
          [&, epoch = epoch, batch = batch](const GradientPoint& point) {
            return point.loss == loss && point.epoch == epoch && point.batch == batch;
          },
          [](const GradientPoint& point) { return point.signal_to_noise; });
      row.push_back({with_deviation(chosen)});
      means.push_back(statistic(chosen).mean);
    }
    if (losses.size() == 2) {
      row.push_back({means[1] > 0 ? fmt::format("{:.3g}×", means[0] / means[1]) : "–"});
    }
    table.rows.push_back(std::move(row));
  }
  table.caption =
      "‖E g‖² / E‖g − E g‖² of the shared parameters' gradient, unbiased; mean ± standard "
      "deviation "
      "over students. Below 0 is none that the samples could show.";
  return table;
}

Table distances(const GradientVariance& found, const std::vector<std::string>& losses) {
  std::set<int64_t> epochs;
  for (const EpochDistance& entry : found.distances) epochs.insert(entry.epoch);
  Table table;
  table.title = "Distance covered in an epoch";
  table.columns = {
      {"loss", Alignment::kLeft}, {"epoch"}, {"distance"}, {"path"}, {"distance / path"}};
  for (const std::string& loss : losses) {
    for (const int64_t epoch : epochs) {
      const auto of = [&](const std::function<double(const EpochDistance&)>& value) {
        return with_deviation(values<EpochDistance>(
            found.distances,
            [&](const EpochDistance& entry) { return entry.loss == loss && entry.epoch == epoch; },
            value));
      };
      table.rows.push_back(
          {{loss},
           {std::to_string(epoch)},
           {of([](const EpochDistance& entry) { return entry.distance; })},
           {of([](const EpochDistance& entry) { return entry.path; })},
           {of([](const EpochDistance& entry) { return entry.distance / entry.path; })}});
    }
  }
  table.caption =
      "How far the shared parameters are from where they were an epoch before, how long the way of "
      "the steps was, and how straight.";
  return table;
}

}  // namespace

std::vector<Table> variance_tables(const GradientVariance& found) {
  const std::vector<std::string> losses = losses_of(found);
  std::vector<Table> tables = {ratios(found, losses)};
  if (!found.distances.empty()) tables.push_back(distances(found, losses));
  return tables;
}

}  // namespace mkdt
