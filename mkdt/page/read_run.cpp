#include "mkdt/page/read_run.h"

#include <algorithm>
#include <functional>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/core/duration.h"
#include "mkdt/core/error.h"
#include "mkdt/page/run_curves.h"
#include "mkdt/page/run_facts.h"
#include "mkdt/page/run_journal.h"
#include "mkdt/page/run_sets.h"
#include "mkdt/pipeline/comparison_files.h"
#include "mkdt/pipeline/live_files.h"
#include "mkdt/pipeline/pipeline.h"
#include "mkdt/pipeline/quality.h"
#include "mkdt/pipeline/run_lock.h"
#include "mkdt/pipeline/run_log.h"
#include "mkdt/pipeline/stage.h"
#include "mkdt/report/results.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

// What cannot be read of a run is said, and the rest goes on.
void attempt(ReportedRun& run, const std::function<void()>& part) {
  try {
    part();
  } catch (const Error& error) {
    run.notes.emplace_back(error.what());
  } catch (const fs::filesystem_error& error) {
    run.notes.push_back(fmt::format("{}: {}", error.path1().string(), error.code().message()));
  }
}

// The stages that the comparison needs, and others that are done; without a configuration the
// latter alone.
std::vector<ReportedStage> read_stages(const fs::path& folder, const Config* config) {
  const Config defaults;
  std::vector<std::string> needed;
  if (config != nullptr) {
    for (const Stage& stage : stages_for(*config, {"probe", "evaluate"})) {
      needed.push_back(stage.name);
    }
  }
  std::vector<ReportedStage> stages;
  for (const Stage& stage : stages_of(config != nullptr ? *config : defaults)) {
    ReportedStage reported{stage.name, stage.purpose, "not done", {}, {}, ""};
    if (const auto manifest = read_manifest(folder / stage.name / kManifestFile)) {
      reported.state = "done";
      reported.seconds = manifest->seconds;
      reported.peak_memory = manifest->peak_memory;
      reported.version = manifest->version;
    } else if (std::find(needed.begin(), needed.end(), stage.name) == needed.end()) {
      continue;
    }
    stages.push_back(std::move(reported));
  }
  return stages;
}

bool all_done(const std::vector<ReportedStage>& stages) {
  return std::all_of(stages.begin(), stages.end(),
                     [](const ReportedStage& stage) { return stage.state == "done"; });
}

bool is_done(const std::vector<ReportedStage>& stages, const std::string& name) {
  return std::any_of(stages.begin(), stages.end(), [&](const ReportedStage& stage) {
    return stage.name == name && stage.state == "done";
  });
}

// A comparison needs no encoder of its own.
void leave_out_what_is_not_done(std::vector<ReportedStage>& stages) {
  const auto not_done = [](const ReportedStage& stage) { return stage.state != "done"; };
  stages.erase(std::remove_if(stages.begin(), stages.end(), not_done), stages.end());
}

std::string missing_text(const std::vector<ReportedStage>& stages) {
  std::vector<std::string> missing;
  for (const ReportedStage& stage : stages) {
    if (stage.state != "done") missing.push_back(stage.name);
  }
  return missing.empty() ? "" : fmt::format("Not done: {}.", fmt::join(missing, ", "));
}

void find_state(ReportedRun& run, const fs::path& folder, const RunJournal& journal) {
  const bool nothing_done =
      std::none_of(run.stages.begin(), run.stages.end(),
                   [](const ReportedStage& stage) { return stage.state == "done"; });
  const auto first_left = [&](const char* state) {
    for (ReportedStage& stage : run.stages) {
      if (stage.state == "done") continue;
      stage.state = state;
      return;
    }
  };
  if (is_locked(folder)) {
    run.state = "running";
    first_left("running");
  } else if (journal.event == kRunFailed) {
    run.state = "failed";
    run.message = journal.message;
    first_left("failed");
  } else if (nothing_done && journal.event.empty()) {
    run.state = "empty";
    run.message = "Nothing has been done in this folder yet.";
  } else if (all_done(run.stages) || journal.event == kRunFinished) {
    run.state = "finished";  // with what was asked for, which may be a part of the stages
    if (is_done(run.stages, "evaluate")) leave_out_what_is_not_done(run.stages);
    run.message = missing_text(run.stages);
  } else {
    run.state = "interrupted";
    run.message = missing_text(run.stages);
  }
}

std::string progress_text(const LiveProgress& progress) {
  std::string text =
      fmt::format("{}: {} of {} {}", progress.task, progress.done, progress.total, progress.unit);
  if (progress.rate > 0) {
    const double left = static_cast<double>(progress.total - progress.done) / progress.rate;
    text += fmt::format(", {:.3g}/s, {} left", progress.rate, duration_text(left));
  }
  return progress.note.empty() ? text : text + ", " + progress.note;
}

int64_t size_of(const ReportedSet& set) { return set.after.size(0); }

// The run's own size and those of `mkdt study size`, whose variants are run folders.
void read_sizes(ReportedRun& run, const fs::path& folder) {
  if (run.set_size && !run.rows.empty()) run.sizes.push_back({*run.set_size, run.rows});
  const fs::path study = folder / "study" / "size";
  if (!fs::is_directory(study)) return;
  for (const fs::directory_entry& variant : fs::directory_iterator(study)) {
    const fs::path results = results_folder(variant.path()) / "results.json";
    if (!fs::exists(results)) continue;
    attempt(run, [&] {
      std::vector<std::string> ignored;
      const std::vector<ReportedSet> sets = read_run_sets(variant.path(), ignored);
      if (sets.empty()) return;
      const int64_t size = size_of(sets.front());
      const bool known = std::any_of(run.sizes.begin(), run.sizes.end(),
                                     [&](const ReportedSize& other) { return other.size == size; });
      if (!known) run.sizes.push_back({size, read_results(results)});
    });
  }
  std::sort(run.sizes.begin(), run.sizes.end(),
            [](const ReportedSize& a, const ReportedSize& b) { return a.size < b.size; });
}

void read_comparison(ReportedRun& run, const fs::path& folder) {
  const fs::path results = results_folder(folder);
  if (fs::exists(results / "results.json")) run.rows = read_results(results / "results.json");
  if (fs::exists(results / "curves.json")) run.pretraining = read_curves(results / "curves.json");
}

}  // namespace

ReportedRun read_run(const fs::path& folder) {
  if (!fs::is_directory(folder)) {
    throw Error(fmt::format("{}: no such run folder", folder.string()));
  }
  ReportedRun run;
  const fs::path whole = fs::absolute(folder).lexically_normal();
  run.folder = folder.string();
  run.name = (whole.has_filename() ? whole : whole.parent_path()).filename().string();

  std::unique_ptr<Config> config;
  attempt(run, [&] {
    if (fs::exists(folder / "config.toml")) config = Config::load(folder / "config.toml", {});
  });
  attempt(run, [&] { run.stages = read_stages(folder, config.get()); });
  RunJournal journal;
  attempt(run, [&] { journal = read_journal(folder / "log.jsonl"); });
  run.log = journal.lines;
  find_state(run, folder, journal);
  if (run.state == "running") {
    if (const auto progress = read_live_progress(folder)) run.progress = progress_text(*progress);
  }

  attempt(run, [&] { run.curves = read_run_curves(folder / "metrics.jsonl"); });
  attempt(run, [&] {
    const fs::path quality = folder / "embed" / "quality.json";
    if (fs::exists(quality)) run.teacher_quality = read_quality(quality);
  });
  attempt(run, [&] { run.sets = read_run_sets(folder, run.notes); });
  if (!run.sets.empty()) run.set_size = size_of(run.sets.front());
  attempt(run, [&] { read_comparison(run, folder); });
  attempt(run, [&] { read_sizes(run, folder); });
  if (config) {
    run.facts = run_facts(folder, *config);
    run.config = reported_options(*config);
  }
  attempt(run, [&] { run.provenance = run_provenance_facts(folder); });
  return run;
}

}  // namespace mkdt
