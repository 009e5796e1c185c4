#include "mkdt/stages/run_plan.h"

#include <algorithm>

#include <fmt/format.h>

#include "mkdt/base/memory.h"
#include "mkdt/base/observer.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/run/manifest.h"
#include "mkdt/run/source_fingerprint.h"
#include "mkdt/stages/comparison_data.h"
#include "mkdt/stages/finished_work.h"
#include "mkdt/stages/pipeline.h"
#include "mkdt/stages/resource_check.h"
#include "mkdt/stages/stage.h"

namespace mkdt {
namespace {

StageEstimate finished(const Run& run, const std::string& stage) {
  StageEstimate took;
  if (const auto manifest = read_manifest(run.path(stage, kManifestFile))) {
    took.seconds = manifest->seconds;
    took.memory = manifest->peak_memory.value_or(0);
  }
  return took;
}

void add(const PlannedStage& stage, RunPlan& plan) {
  plan.seconds += stage.estimate.seconds;
  plan.memory = std::max(plan.memory, stage.estimate.memory);
  plan.disk += stage.estimate.disk;
  for (const std::string& note : stage.estimate.notes) {
    if (std::find(plan.notes.begin(), plan.notes.end(), note) == plan.notes.end()) {
      plan.notes.push_back(note);
    }
  }
}

void warn(const Run& run, const std::string& who, const std::string& shortage,
          const std::string& option, RunPlan& plan) {
  if (shortage.empty()) return;
  const std::string change = advice(run.config(), option);
  plan.warnings.push_back(
      fmt::format("{}: {}{}{}", who, shortage, change.empty() ? "" : "; ", change));
}

void warn_of_shortages(const Run& run, RunPlan& plan) {
  std::string largest;  // the option of the stage that writes most
  int64_t most = 0, there = 0;
  for (const PlannedStage& stage : plan.stages) {
    if (stage.reason.empty()) continue;
    const StageEstimate& estimate = stage.estimate;
    if (plan.available.memory) {
      warn(run, stage.name, shortage_of_memory(estimate, *plan.available.memory),
           estimate.memory_option, plan);
    }
    there += bytes_there(run, stage.name);
    if (estimate.disk > most) {
      most = estimate.disk;
      largest = estimate.disk_option;
    }
  }
  if (plan.available.disk) {
    warn(run, "the run", shortage_of_disk(run, plan.disk, there, *plan.available.disk), largest,
         plan);
  }
}

}  // namespace

RunPlan plan_run(Run& run) {
  check_comparison(run);
  const std::vector<Stage> stages = stages_for(run.config(), {kProbeStage, kEvaluateStage});
  const std::vector<UnfinishedStage> left = unfinished_stages(run, stages);
  StageNames names;
  for (const UnfinishedStage& stage : left) names.insert(stage.name);
  check_run(run, names);

  RunPlan plan;
  plan.available = run.available();
  run.observer().begin("plan", static_cast<int64_t>(left.size()), "stages");
  int64_t tried = 0;
  for (const Stage& stage : stages) {
    PlannedStage planned;
    planned.name = stage.name;
    const auto found = std::find_if(left.begin(), left.end(), [&](const UnfinishedStage& other) {
      return other.name == stage.name;
    });
    if (found == left.end()) {
      planned.estimate = finished(run, stage.name);
    } else {
      planned.reason = found->reason;
      planned.estimate = full_estimate(stage.trial(run, names), plan.available.memory);
      add(planned, plan);
      run.observer().advance(++tried, stage.name);
      throw_if_stopped(run.observer());
    }
    plan.stages.push_back(std::move(planned));
  }
  run.observer().end();
  if (!run.device().is_cpu()) plan.notes.push_back("Memory is the host's, not the device's.");
  give_back_memory();
  warn_of_shortages(run, plan);
  const FinishedWork lost = work_to_lose(run, stages);
  if (!lost.stages.empty()) plan.notes.push_back(lost.text() + "; `mkdt run` asks before that.");
  return plan;
}

RunPlan plan_run(const Config& config, const std::filesystem::path& folder, Observer& observer) {
  source_fingerprint(config.data, observer);
  Run run(config, folder, observer);
  return plan_run(run);
}

}  // namespace mkdt
