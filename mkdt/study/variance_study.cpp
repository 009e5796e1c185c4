#include "mkdt/study/variance_study.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/baseline/mtt_ssl.h"
#include "mkdt/core/atomic_file.h"
#include "mkdt/expert/distilled_expert.h"
#include "mkdt/pipeline/pipeline.h"
#include "mkdt/pipeline/run.h"
#include "mkdt/pipeline/run_comparison.h"
#include "mkdt/pipeline/run_lock.h"
#include "mkdt/report/curve_plot.h"
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

// A curve a loss and epoch, over batch sizes.
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
  make_stages(config, run_folder, {"embed"}, observer, may_replace);
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

}  // namespace mkdt
