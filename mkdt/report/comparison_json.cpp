#include "mkdt/report/comparison_json.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "mkdt/base/error.h"
#include "mkdt/compare/methods.h"
#include "mkdt/compare/statistics.h"
#include "mkdt/publish/comparison_table.h"

namespace mkdt {
namespace {

using Json = nlohmann::ordered_json;

Json interval(double mean, const std::optional<double>& half) {
  return {{"mean", mean},
          {"low", half ? Json(mean - *half) : Json(nullptr)},
          {"high", half ? Json(mean + *half) : Json(nullptr)}};
}

Json json_of(const std::optional<Statistic>& value) {
  if (!value) return nullptr;
  Json entry = interval(value->mean, half_width(*value));
  entry["deviation"] = value->deviation;
  return entry;
}

Json json_of(const std::optional<PairedInterval>& difference) {
  return difference ? interval(difference->mean, difference->half_width) : Json(nullptr);
}

std::optional<PairedInterval> accuracy_difference(const std::vector<PairedDifference>& all,
                                                  const SummaryRow& cell) {
  for (const PairedDifference& one : all) {
    if (one.method == cell.method && one.labels == cell.labels) return one.accuracy;
  }
  return std::nullopt;
}

void add_cells(const ComparisonGroup& group, Json& cells) {
  const std::string baseline = name_of(kBaselineMethod);
  const auto differences = paired_differences(group.rows, baseline);
  for (const SummaryRow& cell : summarise(group.rows)) {
    const auto loss_difference = cell.method == baseline
                                     ? std::nullopt
                                     : paired_loss_difference(group.rows, group.encoder,
                                                              group.dataset, cell.method, baseline);
    const std::optional<Statistic>& counted =
        cell.accuracy ? cell.accuracy : cell.representation_loss;
    cells.push_back({{"method", cell.method},
                     {"encoder", group.encoder},
                     {"dataset", group.dataset},
                     {"protocol", protocol_text(group.protocol)},
                     {"labels", cell.labels ? Json(cell.labels->text()) : Json(nullptr)},
                     {"seeds", counted ? counted->count : 0},
                     {"accuracy", json_of(cell.accuracy)},
                     {"loss", json_of(cell.representation_loss)},
                     {"fitted_head", cell.fitted_head},
                     {"accuracy_difference", json_of(accuracy_difference(differences, cell))},
                     {"loss_difference", json_of(loss_difference)}});
  }
}

// Returns the text for people of a budget's code; the code itself if it is not one.
std::string labels_text(const std::string& code) {
  try {
    return parse_label_budget(code, "curves").text();
  } catch (const Error&) {
    return code;
  }
}

struct CurveValues {
  std::set<int64_t> seeds;
  std::map<int64_t, std::vector<double>> losses, accuracies;  // by step
};

Json at_steps(const CurveValues& curve,
              const std::map<int64_t, std::vector<double>> CurveValues::*values) {
  Json list = Json::array();
  for (const auto& [step, losses] : curve.losses) {
    const auto found = (curve.*values).find(step);
    if (found == (curve.*values).end()) {
      list.push_back(nullptr);
      continue;
    }
    const Statistic value = statistic(found->second);
    list.push_back(interval(value.mean, half_width(value)));
  }
  return list;
}

Json pretraining_json(const std::vector<CurvePoint>& points) {
  std::map<std::tuple<std::string, std::string, std::string, std::string>, CurveValues> curves;
  for (const CurvePoint& point : points) {
    CurveValues& curve = curves[{point.encoder, point.dataset, point.labels, point.method}];
    curve.seeds.insert(point.seed);
    curve.losses[point.step].push_back(point.representation_loss);
    if (point.accuracy) curve.accuracies[point.step].push_back(*point.accuracy);
  }
  Json list = Json::array();
  for (const auto& [key, curve] : curves) {
    const auto& [encoder, dataset, labels, method] = key;
    Json steps = Json::array();
    for (const auto& [step, losses] : curve.losses) steps.push_back(step);
    list.push_back({{"method", method},
                    {"encoder", encoder},
                    {"dataset", dataset},
                    {"labels", labels_text(labels)},
                    {"seeds", curve.seeds.size()},
                    {"steps", steps},
                    {"loss", at_steps(curve, &CurveValues::losses)},
                    {"accuracy", at_steps(curve, &CurveValues::accuracies)}});
  }
  return list;
}

}  // namespace

Json methods_json() {
  Json methods = Json::array();
  for (const MethodEntry& entry : method_table()) {
    methods.push_back(
        {{"name", entry.name}, {"meaning", entry.meaning}, {"competes", entry.competes}});
  }
  return methods;
}

Json cells_json(const std::vector<ComparisonRow>& rows) {
  Json cells = Json::array();
  for (const ComparisonGroup& group : comparison_groups(rows)) add_cells(group, cells);
  return cells;
}

Json comparison_json(const std::vector<ComparisonRow>& rows,
                     const std::vector<CurvePoint>& pretraining) {
  if (rows.empty()) return nullptr;
  Json methods = Json::array(), competing = Json::array(), budgets = Json::array();
  std::set<LabelBudget> labels;
  for (const ComparisonRow& row : rows) {
    if (row.labels) labels.insert(*row.labels);
    if (std::find(methods.begin(), methods.end(), Json(row.method)) != methods.end()) continue;
    methods.push_back(row.method);
    competing.push_back(competes(row.method));
  }
  for (const LabelBudget& budget : labels) budgets.push_back(budget.text());
  const std::string baseline = name_of(kBaselineMethod);
  const bool has_baseline =
      std::find(methods.begin(), methods.end(), Json(baseline)) != methods.end();
  return {{"baseline", has_baseline ? Json(baseline) : Json(nullptr)},
          {"baseline_phrase", has_baseline ? Json(phrase_of(kBaselineMethod)) : Json(nullptr)},
          {"methods", methods},
          {"competes", competing},
          {"cells", cells_json(rows)},
          {"label_budgets", budgets},
          {"pretraining", pretraining_json(pretraining)}};
}

}  // namespace mkdt
