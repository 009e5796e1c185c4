#include "mkdt/pipeline/pipeline.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/error.h"
#include "mkdt/core/stopped.h"
#include "mkdt/core/version.h"
#include "mkdt/pipeline/check_run.h"
#include "mkdt/pipeline/comparison_files.h"
#include "mkdt/pipeline/comparison_rehearsal.h"
#include "mkdt/pipeline/run.h"
#include "mkdt/pipeline/run_comparison.h"
#include "mkdt/pipeline/run_lock.h"
#include "mkdt/pipeline/run_log.h"
#include "mkdt/pipeline/source_fingerprint.h"
#include "mkdt/pipeline/stage.h"

namespace mkdt {
namespace fs = std::filesystem;

fs::path default_run_folder(const fs::path& config_path) {
  return fs::path("runs") / config_path.stem();
}

namespace {

constexpr const char* kEvaluate = "evaluate";

// What is wrong with the configuration is said before anything is written.
void check(const Config& config, const Observer& observer) {
  source_fingerprint(config.data, observer);
  config.runtime.torch_device();
}

// A run may lie among its images, where it is passed over; it cannot be the folder of the images.
void check_place(const Config& config, const fs::path& folder, Observer& observer) {
  if (config.data.format == "shapes") return;
  const std::string root = fs::weakly_canonical(config.data.root).lexically_normal().string() + "/";
  const std::string run = fs::weakly_canonical(folder).lexically_normal().string() + "/";
  if (run == root) {
    throw Error(fmt::format(
        "{}: the run's folder is data.root, the folder of the images; name another one with --out",
        folder.string()));
  }
  if (run.compare(0, root.size(), root) == 0) {
    observer.info(
        fmt::format("{}: this run's folder lies within data.root; nothing in it is read as data",
                    folder.string()));
  }
}

// The stages' work, with a line in the journal for how it begins and ends. What cannot be written
// of the end does not take the place of what went wrong.
void run_with_journal(Run& run, RunLog& log, const std::vector<Stage>& stages,
                      const std::vector<std::string>& left, const StageNames& lost) {
  const auto try_to_log = [&](const char* event, const std::string& message) {
    try {
      log.event(event, message);
    } catch (const Error&) {
    }
  };
  log.event(kRunBegins, fmt::format("mkdt {} begins: {}", version(), fmt::join(left, ", ")));
  try {
    run_stages(run, stages, lost);
  } catch (const Stopped&) {
    try_to_log(kRunStopped, "stopped; what is done is kept");
    throw;
  } catch (const std::exception& error) {
    try_to_log(kRunFailed, error.what());
    throw;
  }
  log.event(kRunFinished, fmt::format("finished: {}", fmt::join(left, ", ")));
}

// Does those of the stages that are not done; nothing is written where all are.
void run_in_folder(const Config& config, const fs::path& folder, Observer& observer,
                   const MayReplace& may_replace,
                   const std::function<std::vector<Stage>(Run&)>& choose) {
  check(config, observer);
  check_place(config, folder, observer);
  const RunLock lock(folder, observer);
  remove_temporaries(folder, /*and_below=*/false);
  for (const Stage& stage : stages_of(config)) {
    remove_temporaries(folder / stage.name, /*and_below=*/true);
  }
  RunLog log(folder, observer);
  Run run(config, folder, log);
  const std::vector<Stage> stages = choose(run);
  const std::vector<std::string> left = unfinished(run, stages);
  const auto is_left = [&](const std::string& stage) {
    return std::find(left.begin(), left.end(), stage) != left.end();
  };
  std::vector<std::string> done;
  std::vector<Stage> to_do;
  for (const Stage& stage : stages) {
    is_left(stage.name) ? to_do.push_back(stage) : done.push_back(stage.name);
  }
  if (!done.empty()) observer.info(fmt::format("{}: already done", fmt::join(done, ", ")));
  if (left.empty()) return;
  check_run(run, {left.begin(), left.end()});  // before hours of work
  const StageNames lost = ask_for_work_to_lose(run, stages, may_replace);
  write_text_atomically(folder / kConfigFile, config.table.to_toml());
  run_with_journal(run, log, to_do, left, lost);
}

}  // namespace

void run_pipeline(const Config& config, const fs::path& folder, const std::string& only_stage,
                  Observer& observer, const MayReplace& may_replace) {
  run_in_folder(config, folder, observer, may_replace, [&](Run& run) {
    return only_stage.empty() ? stages_for(config, {"probe", kEvaluate})
                              : std::vector<Stage>{ready_stage(run, only_stage)};
  });
}

void make_stages(const Config& config, const fs::path& folder,
                 const std::vector<std::string>& names, Observer& observer,
                 const MayReplace& may_replace) {
  run_in_folder(config, folder, observer, may_replace,
                [&](Run& /*run*/) { return stages_for(config, names); });
}

void run_comparison(const Config& config, const fs::path& folder, Observer& observer,
                    const MayReplace& may_replace) {
  make_stages(config, folder, {kEvaluate}, observer, may_replace);
}

ComparisonOutlook comparison_outlook(const Config& config, const fs::path& folder,
                                     Observer& observer) {
  check(config, observer);
  Run run(config, folder, observer);
  check_comparison(run);
  ComparisonOutlook outlook;
  outlook.stages = unfinished(run, stages_for(config, {kEvaluate}));
  check_run(run, {outlook.stages.begin(), outlook.stages.end()});
  if (!outlook.stages.empty()) outlook.stages.pop_back();
  const ComparisonInputs inputs = rehearsal(run, {outlook.stages.begin(), outlook.stages.end()});
  const ComparisonFiles files(results_folder(folder), observer);
  ComparisonCost cost(inputs, config.evaluate, config.pretrain);
  outlook.work = planned_work(plan_comparison(inputs, config.evaluate, config.pretrain, run.seed()),
                              inputs, files, cost);
  return outlook;
}

fs::path results_folder(const fs::path& run_folder) { return run_folder / kEvaluate; }

}  // namespace mkdt
