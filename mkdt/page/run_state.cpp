#include "mkdt/page/run_state.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/pipeline/run_lock.h"
#include "mkdt/pipeline/run_log.h"
#include "mkdt/pipeline/stage.h"

namespace mkdt {
namespace {

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

}  // namespace

std::vector<ReportedStage> reported_stages(const std::filesystem::path& folder,
                                           const Config* config) {
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

void find_state(ReportedRun& run, const std::filesystem::path& folder, const RunJournal& journal) {
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

}  // namespace mkdt
