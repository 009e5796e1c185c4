#include "mkdt/report/run_curves.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "mkdt/data/batches.h"
#include "mkdt/io/json.h"

namespace mkdt {
namespace {

constexpr int64_t kMostPoints = 1000;
constexpr size_t kMostCurves = 200;              // names in a file can be anything
constexpr size_t kFewestForAMean = 20;           // points
constexpr const char* kComparison = "evaluate";  // whose curves the comparison has itself

using Points = std::map<int64_t, double>;  // step → value

std::map<std::string, Points> read_points(const std::filesystem::path& path) {
  std::map<std::string, Points> curves;
  read_json_lines(path, [&](const nlohmann::json& line) {
    const auto& name = line.at("name").get_ref<const std::string&>();
    if (name.rfind(kComparison, 0) == 0) return;
    if (curves.size() == kMostCurves && curves.count(name) == 0) return;
    const nlohmann::json& value = line.at("value");
    curves[name][json_integer(line.at("step"))] =
        value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
  });
  return curves;
}

struct Naming {
  const char* name;  // of the curve
  const char* group;
  const char* title;
  const char* x;
};

// The names of the curves, in the order of the report.
constexpr Naming kNamings[] = {
    {"teacher/loss", "teacher", "Loss of the teacher's training", "epoch"},
    {"teacher/probe", "teacher", "Linear probe on the teacher, accuracy", "epoch"},
    {"teacher/knn", "teacher", "k-NN on the teacher, accuracy", "epoch"},
    {"teacher/feature_std", "teacher", "Spread of the features' directions", "epoch"},
    {"teacher/feature_rank", "teacher", "Effective rank of the features", "epoch"},
    {"teacher/embedding_std", "teacher", "Spread of the embeddings' directions", "epoch"},
    {"teacher/embedding_rank", "teacher", "Effective rank of the embeddings", "epoch"},
    {"experts/final_loss", "experts", "Last loss of each expert", "expert"},
    {"distill/matching_loss", "distillation", "Matching loss J", "outer iteration"},
    {"distill/representation_loss", "distillation", "Representation loss J", "outer iteration"},
    {"distill/syn_lr", "distillation", "Learned rate α", "outer iteration"},
    {"krr-st/loss", "baselines", "Loss of KRR-ST", "step"},
    {"mtt_ssl/experts/final_loss", "baselines", "Last loss of each expert of MTT-SSL", "expert"},
    {"mtt_ssl/matching_loss", "baselines", "Matching loss of MTT-SSL", "outer iteration"},
    {"mtt_ssl/syn_lr", "baselines", "Learned rate of MTT-SSL", "outer iteration"},
};

// Returns, for each value, the mean of the last `window` finite values up to it.
std::vector<double> running_mean(const std::vector<double>& values, size_t window) {
  std::vector<double> means, finite;
  double sum = 0;
  for (const double value : values) {
    if (std::isfinite(value)) {
      finite.push_back(value);
      sum += value;
      if (finite.size() > window) sum -= finite[finite.size() - 1 - window];
    }
    const auto count = static_cast<double>(std::min(window, finite.size()));
    means.push_back(finite.empty() ? value : sum / count);
  }
  return means;
}

ReportedCurve curve_of(const std::string& name, const Points& points) {
  ReportedCurve curve{name, "other", name, "step", {}, {}, {}};
  std::vector<int64_t> steps;
  std::vector<double> values, means;
  for (const auto& [step, value] : points) {
    steps.push_back(step);
    values.push_back(value);
  }
  const bool a_course = name.find("final_loss") == std::string::npos;  // not one value an expert
  if (a_course && values.size() >= kFewestForAMean) {
    means = running_mean(values, values.size() / 50 + 1);
  }
  const torch::Tensor rows = spread_rows(static_cast<int64_t>(values.size()), kMostPoints);
  for (int64_t i = 0; i < rows.size(0); ++i) {
    // Rows are counted from the end, so that the last point is among them.
    const auto row = values.size() - 1 - static_cast<size_t>(rows[i].item<int64_t>());
    curve.steps.insert(curve.steps.begin(), steps[row]);
    curve.values.insert(curve.values.begin(), values[row]);
    if (!means.empty()) curve.mean.insert(curve.mean.begin(), means[row]);
  }
  return curve;
}

}  // namespace

std::vector<ReportedCurve> read_run_curves(const std::filesystem::path& path) {
  std::map<std::string, Points> points = read_points(path);
  std::vector<ReportedCurve> curves;
  for (const Naming& naming : kNamings) {
    const auto found = points.find(naming.name);
    if (found == points.end()) continue;
    ReportedCurve curve = curve_of(found->first, found->second);
    curve.group = naming.group;
    curve.title = naming.title;
    curve.x = naming.x;
    curves.push_back(std::move(curve));
    points.erase(found);
  }
  for (const auto& [name, others] : points) curves.push_back(curve_of(name, others));
  return curves;
}

}  // namespace mkdt
