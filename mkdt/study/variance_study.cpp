#include "mkdt/study/variance_study.h"

#include <functional>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/baseline/mtt_ssl.h"
#include "mkdt/compare/comparison_store.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/expert/distilled_expert.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/publish/curve_plot.h"
#include "mkdt/run/run.h"
#include "mkdt/run/run_lock.h"
#include "mkdt/stages/comparison_data.h"
#include "mkdt/stages/pipeline.h"
#include "mkdt/study/study_files.h"

namespace mkdt {
namespace {

constexpr const char* kStudy = "variance";
using Json = nlohmann::ordered_json;

Json json_of(const GradientVariance& found) {
  Json gradients = Json::array(), distances = Json::array();
  for (const GradientPoint& point : found.gradients) {
    gradients.push_back({{"loss", point.loss},
                         {"seed", point.seed},
                         {"epoch", point.epoch},
                         {"batch", point.batch},
                         {"signal", point.signal},
                         {"noise", point.noise},
                         {"signal_to_noise", point.signal_to_noise}});
  }
  for (const EpochDistance& entry : found.distances) {
    distances.push_back({{"loss", entry.loss},
                         {"seed", entry.seed},
                         {"epoch", entry.epoch},
                         {"distance", entry.distance},
                         {"path", entry.path}});
  }
  return {{"gradients", gradients}, {"distances", distances}};
}

// Plots a curve for each loss and epoch, over batch sizes.
CurvePlot plot_of(const GradientVariance& found) {
  CurvePlot plot{"Signal-to-noise ratio of a gradient", "batch", "‖E g‖² / E‖g − E g‖²", {}};
  const auto curve_named = [&](const std::string& name) -> Curve& {
    for (Curve& curve : plot.curves) {
      if (curve.name == name) return curve;
    }
    plot.curves.push_back({name, {}, {}});
    return plot.curves.back();
  };
  std::map<std::string, std::map<int64_t, std::vector<double>>> ratios;  // curve → batch → seeds
  for (const GradientPoint& point : found.gradients) {
    const std::string name = fmt::format("{}, {} epochs", point.loss, point.epoch);
    curve_named(name);
    ratios[name][point.batch].push_back(point.signal_to_noise);
  }
  for (Curve& curve : plot.curves) {
    for (const auto& [batch, values] : ratios[curve.name]) {
      curve.x.push_back(static_cast<double>(batch));
      curve.y.push_back(statistic(values).mean);
    }
  }
  return plot;
}

GradientVariance found_in(Run& run, const VarianceOptions& options) {
  const Config& config = run.config();
  const NetworkPtr student = run.student();
  const torch::Tensor targets = run.targets(Part::kTrain);
  const int64_t head = student->output_dim() * (student->feature_dim() + 1);
  const int64_t body = student->layout().size() - head;
  const ExpertTraining distilled = {student,        run.images(Part::kTrain), targets,
                                    options.epochs, config.experts,           run.seed(),
                                    run.device()};
  const MttSsl supervised = {
      student, run.images(Part::kTrain), config.mtt_ssl, run.seed(), run.device(), {}, "", {}};
  return gradient_variance(
      {{"knowledge distillation", distilled_experts(distilled), config.experts.weight_decay, body},
       {"Barlow Twins", ssl_experts(supervised), config.mtt_ssl.train_weight_decay, body}},
      options, run.seed(), run.observer());
}

}  // namespace

std::vector<Table> variance_study(const Config& config, const std::filesystem::path& run_folder,
                                  const VarianceOptions& options, Observer& observer,
                                  const MayReplace& may_replace) {
  make_stages(config, run_folder, {kEmbedStage}, observer, may_replace);
  const RunLock lock(run_folder, observer);
  Run run(config, run_folder, observer);
  const GradientVariance found = found_in(run, options);
  std::vector<Table> tables = variance_tables(found);
  const std::filesystem::path folder = study_folder(run_folder, kStudy);
  write_study(folder, kStudy, data_context(run), tables);
  write_text_atomically(folder / "variance.json", json_of(found).dump(2) + "\n");
  write_curve_svg(folder / "signal_to_noise.svg", plot_of(found));
  return tables;
}

namespace {

// Returns the losses in order of appearance.
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
