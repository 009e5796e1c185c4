#include "mkdt/study/cost_study.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/observer.h"
#include "mkdt/base/units.h"
#include "mkdt/base/version.h"
#include "mkdt/baseline/ssl_student.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/nn/flop_counter.h"
#include "mkdt/run/manifest.h"
#include "mkdt/run/run_lock.h"
#include "mkdt/stages/resource_check.h"
#include "mkdt/stages/stage.h"
#include "mkdt/stages/stages.h"
#include "mkdt/stages/trial.h"
#include "mkdt/study/study_files.h"

namespace mkdt {
namespace {

using Json = nlohmann::ordered_json;

double flops_of(const StageStep& step, int64_t times) {
  const FlopCounter counter;
  step.run(step.batch, times);
  return counter.flops();
}

// Returns what one more step of each kind takes, without preparing for it, times the number of
// steps.
double flops_of(const StageTrial& trial) {
  double total = 0;
  for (const StageStep& step : trial.steps) {
    if (step.count > 0) total += step.count * (flops_of(step, 2) - flops_of(step, 1));
  }
  return total;
}

Cost cost_of(Run& run, const std::string& name, const StageTrial& trial) {
  const StageEstimate estimate = full_estimate(trial, run.available().memory);
  return {name, flops_of(trial), estimate.seconds, /*measured=*/false, estimate.at_most};
}

Cost cost_of_stage(Run& run, const Stage& stage, const StageNames& unfinished) {
  const StageTrial trial = stage.trial(run, unfinished);
  if (unfinished.count(stage.name) == 0) {
    const auto manifest = read_manifest(run.path(stage.name, kManifestFile));
    if (manifest) {
      return {stage.name, flops_of(trial), manifest->seconds, /*measured=*/true, trial.at_most};
    }
  }
  return cost_of(run, stage.name, trial);
}

// Returns the cost of plain self-supervision of the student's architecture, in batches as the
// teacher has them.
Cost cost_of_self_supervision(Run& run, const NetworkPtr& student, const CostOptions& options) {
  const Config& config = run.config();
  const ImageSet& images = run.images(Part::kTrain);
  const int64_t batch = std::min(config.teacher.training.batch, images.size());
  const int64_t epochs =
      options.ssl_epochs > 0 ? options.ssl_epochs : config.teacher.training.epochs;
  const int64_t steps = epochs * (images.size() / batch);  // whole batches
  const Pretraining pretraining =
      ssl_pretraining(ssl_source(images, run.device()), config.mtt_ssl.ssl());
  StageTrial trial;
  trial.steps.push_back(pretraining_step(run, student, pretraining, "teacher.batch", batch,
                                         static_cast<double>(steps)));
  return cost_of(run, fmt::format("self-supervision, {} epochs", epochs), trial);
}

Cost sum(const std::vector<Cost>& costs) {
  Cost total{"in all"};
  for (const Cost& cost : costs) {
    total.flops += cost.flops;
    total.seconds += cost.seconds;
  }
  return total;
}

Json json_of(const Cost& cost) {
  return {{"name", cost.name},
          {"flops", cost.flops},
          {"seconds", cost.seconds},
          {"measured", cost.measured},
          {"at_most", cost.at_most}};
}

Json json_of(const CostStudy& study) {
  Json once = Json::array();
  for (const Cost& cost : study.once) once.push_back(json_of(cost));
  return {{"mkdt_version", version()},
          {"once", once},
          {"distilled", json_of(study.distilled)},
          {"self_supervised", json_of(study.self_supervised)}};
}

std::vector<Cell> row_of(const Cost& cost) {
  const char* const at_most = cost.at_most ? "≤ " : "";
  const char* const roughly = cost.measured ? "" : cost.at_most ? "≤ " : "≈ ";
  return {{cost.name},
          {fmt::format("{}{:.3g}", at_most, cost.flops / 1e12)},
          {roughly + duration_text(cost.seconds)},
          {cost.seconds > 0 ? fmt::format("{:.1f}", cost.flops / cost.seconds / 1e9) : "–"}};
}

Table cost_table(const std::string& title, const std::vector<Cost>& costs) {
  Table table;
  table.title = title;
  table.columns = {{"what", Alignment::kLeft}, {"Tflop"}, {"time"}, {"Gflop/s"}};
  for (const Cost& cost : costs) table.rows.push_back(row_of(cost));
  return table;
}

std::string encoders_text(int64_t encoders) {
  return encoders > 0 ? std::to_string(encoders) : "never";
}

// Makes one row that counts the teacher, and one for where a teacher exists already.
Table pay_table(const CostStudy& study) {
  std::vector<Cost> behind_teacher;
  for (const Cost& cost : study.once) {
    if (cost.name != kTeacherStage) behind_teacher.push_back(cost);
  }
  Table table;
  table.title = "Encoders from which on distillation has paid";
  table.columns = {{"counting", Alignment::kLeft}, {"by operations"}, {"by time"}};
  const auto add = [&](const std::string& name, const Cost& once) {
    table.rows.push_back({{name},
                          {encoders_text(encoders_to_pay(once.flops, study.distilled.flops,
                                                         study.self_supervised.flops))},
                          {encoders_text(encoders_to_pay(once.seconds, study.distilled.seconds,
                                                         study.self_supervised.seconds))}});
  };
  add("every stage", sum(study.once));
  add("the stages behind a teacher that is there", sum(behind_teacher));
  table.caption =
      "The smallest number of encoders for which making the set and pre-training each on it costs\n"
      "less than self-supervision of each on all images.";
  return table;
}

}  // namespace

int64_t encoders_to_pay(double once, double distilled, double self_supervised) {
  const double saved = self_supervised - distilled;
  if (saved <= 0) return 0;
  return static_cast<int64_t>(std::floor(once / saved)) + 1;
}

CostStudy cost_study(const Config& config, const std::filesystem::path& run_folder,
                     const CostOptions& options, Observer& observer) {
  const RunLock lock(run_folder, observer);
  Run run(config, run_folder, observer);
  const std::vector<Stage> stages = stages_for(config, {kPretrainStage});
  const std::vector<std::string> left = unfinished(run, stages);
  const StageNames names(left.begin(), left.end());
  CostStudy study;
  run.data();  // reports its own progress, and tasks do not nest
  observer.begin("study cost", static_cast<int64_t>(stages.size()) + 1, "stages");
  int64_t done = 0;
  for (const Stage& stage : stages) {
    const bool repeated = stage.name == kPretrainStage;
    Cost cost = cost_of_stage(run, stage, names);
    if (repeated) {
      study.distilled = std::move(cost);
    } else {
      study.once.push_back(std::move(cost));
    }
    observer.advance(++done, stage.name);
    throw_if_stopped(observer);
  }
  study.self_supervised = cost_of_self_supervision(run, expected_student(run, names), options);
  observer.advance(++done, "self-supervision");
  observer.end();

  const std::filesystem::path folder = study_folder(run_folder, "cost");
  write_study(folder, "cost", {"mkdt " + version()}, cost_tables(study));
  write_text_atomically(folder / "cost.json", json_of(study).dump(2) + "\n");
  return study;
}

std::vector<Table> cost_tables(const CostStudy& study) {
  std::vector<Cost> once = study.once;
  once.push_back(sum(study.once));
  Table made = cost_table("Making the distilled set, once", once);
  made.caption =
      "Operations of convolutions and matrix products, 2 a multiply-add, convolutions counted as "
      "direct;\n≈ is from a few steps, ≤ where their number is not known yet, else what it took.";
  return {made, cost_table("An encoder", {study.distilled, study.self_supervised}),
          pay_table(study)};
}

}  // namespace mkdt
