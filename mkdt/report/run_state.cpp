#include "mkdt/report/run_state.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/base/error.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/run/run_lock.h"
#include "mkdt/run/run_log.h"
#include "mkdt/stages/stage.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

// Returns the shape of a tensor in a file's header; empty if there is no such file or tensor.
std::vector<int64_t> shape_of(const fs::path& path, const std::string& tensor) {
  try {
    if (!fs::exists(path)) return {};
    return read_safetensors(path).tensor(tensor).sizes().vec();
  } catch (const Error&) {
    return {};
  }
}

std::string teacher_text(const Config& config) {
  const OutsideOptions& outside = config.teacher.outside;
  if (!outside.representations.empty()) return "representations of an outside encoder";
  if (!outside.torchscript.empty()) return "an outside encoder (TorchScript)";
  const TeacherTrainingOptions& training = config.teacher.training;
  const BackboneShape backbone = resolved(training.backbone);
  return fmt::format("{}, {} of width {}, {} epochs", training.objective.algorithm,
                     backbone.architecture, backbone.width, training.epochs);
}

std::string student_text(const Config& config) {
  return fmt::format("{} of width {}, depth {}", config.experts.architecture, config.experts.width,
                     config.experts.depth);
}

}  // namespace

Facts run_facts(const fs::path& folder, const Config& config) {
  Facts facts;
  const std::string source = config.data.root.empty()
                                 ? config.data.format
                                 : fs::path(config.data.root).filename().string();
  const auto train = shape_of(kTrainRepresentations.in(folder), "representations");
  if (train.size() == 2) {
    facts.emplace_back("data", fmt::format("{}, {} training images", source, train[0]));
    facts.emplace_back("targets", fmt::format("{} dimensions", train[1]));
  } else {
    facts.emplace_back("data", source);
  }
  const auto images = shape_of(kDistilledSet.in(folder), "images");
  if (images.size() == 4) {
    facts.emplace_back("synthetic set",
                       fmt::format("{} images of {}×{} pixels", images[0], images[2], images[3]));
  }
  facts.emplace_back("teacher", teacher_text(config));
  facts.emplace_back("student", student_text(config));
  facts.emplace_back("seed", std::to_string(config.runtime.seed));
  return facts;
}

std::vector<ReportedOptions> reported_options(const Config& config) {
  std::vector<ReportedOptions> sections;
  for (const Option& option : config.table.options()) {
    if (sections.empty() || sections.back().section != option.section) {
      sections.push_back({option.section, {}});
    }
    sections.back().options.emplace_back(option.name, option.value());
  }
  return sections;
}

Facts run_provenance_facts(const fs::path& folder) {
  const fs::path path = kDistilledSet.in(folder);
  if (!fs::exists(path)) return {};
  Facts facts;
  for (const auto& [key, value] : read_safetensors(path).metadata) {
    if (key != "config") facts.emplace_back(key, value);
  }
  return facts;
}

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

// Leaves out stages that are not done and that a finished comparison did not need, such as
// pretrain.
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
    for (const Stage& stage : stages_for(*config, {kProbeStage, kEvaluateStage})) {
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
    run.state = "finished";  // with what was asked for, which may be only some of the stages
    if (is_done(run.stages, kEvaluateStage)) leave_out_what_is_not_done(run.stages);
    run.message = missing_text(run.stages);
  } else {
    run.state = "interrupted";
    run.message = missing_text(run.stages);
  }
}

}  // namespace mkdt
