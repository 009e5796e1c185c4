#include "mkdt/report/read_run.h"

#include <algorithm>
#include <functional>
#include <memory>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/units.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/publish/results.h"
#include "mkdt/report/run_curves.h"
#include "mkdt/report/run_journal.h"
#include "mkdt/report/run_sets.h"
#include "mkdt/report/run_state.h"
#include "mkdt/run/manifest.h"
#include "mkdt/run/run_lock.h"
#include "mkdt/run/run_log.h"
#include "mkdt/stages/comparison_files.h"
#include "mkdt/stages/pipeline.h"
#include "mkdt/stages/quality.h"
#include "mkdt/stages/stage.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

// Notes what cannot be read of a run, and lets the rest be read.
void attempt(ReportedRun& run, const std::function<void()>& part) {
  try {
    part();
  } catch (const Error& error) {
    run.notes.emplace_back(error.what());
  } catch (const fs::filesystem_error& error) {
    run.notes.push_back(fmt::format("{}: {}", error.path1().string(), error.code().message()));
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

// Reads the run's own size and those of `mkdt study size`, whose variants are run folders.
void read_sizes(ReportedRun& run, const fs::path& folder) {
  if (run.set_size && !run.rows.empty()) run.sizes.push_back({*run.set_size, run.rows});
  const fs::path study = folder / "study" / "size";
  if (!fs::is_directory(study)) return;
  for (const fs::directory_entry& variant : fs::directory_iterator(study)) {
    const fs::path results = results_folder(variant.path()) / kResultsFile;
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
  if (fs::exists(results / kResultsFile)) run.rows = read_results(results / kResultsFile);
  if (fs::exists(results / kCurvesFile)) run.pretraining = read_curves(results / kCurvesFile);
}

// Tells whether anything in the folder is a run's. An empty folder counts, since it may become one.
bool may_be_run(const fs::path& folder) {
  for (const char* name : {kConfigFile, kLogFile, kMetricsFile, kLockFile, kLiveFolder}) {
    if (fs::exists(folder / name)) return true;
  }
  const Config defaults;
  for (const Stage& stage : stages_of(defaults)) {
    if (fs::exists(folder / stage.name / kManifestFile)) return true;
  }
  return fs::exists(results_folder(folder) / kResultsFile) || fs::is_empty(folder);
}

}  // namespace

ReportedRun read_run(const fs::path& folder) {
  if (!fs::is_directory(folder)) {
    throw Error(fmt::format("{}: no such run folder", folder.string()));
  }
  if (!may_be_run(folder)) {
    throw Error(
        fmt::format("{}: not a run folder: it has no config.toml, journal or stage; name "
                    "what `mkdt run` wrote, such as runs/demo",
                    folder.string()));
  }
  ReportedRun run;
  const fs::path whole = fs::absolute(folder).lexically_normal();
  run.folder = folder.string();
  run.name = (whole.has_filename() ? whole : whole.parent_path()).filename().string();

  std::unique_ptr<Config> config;
  attempt(run, [&] {
    if (fs::exists(folder / kConfigFile)) config = Config::load(folder / kConfigFile, {});
  });
  attempt(run, [&] { run.stages = reported_stages(folder, config.get()); });
  RunJournal journal;
  attempt(run, [&] { journal = read_journal(folder / kLogFile); });
  run.log = journal.lines;
  find_state(run, folder, journal);
  if (run.state == "running") {
    if (const auto progress = read_live_progress(folder)) run.progress = progress_text(*progress);
  }

  attempt(run, [&] { run.curves = read_run_curves(folder / kMetricsFile); });
  attempt(run, [&] {
    const fs::path quality = kQualityFile.in(folder);
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
