#include "mkdt/stages/stage.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "mkdt/base/device.h"
#include "mkdt/base/error.h"
#include "mkdt/base/machine.h"
#include "mkdt/base/memory.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/units.h"
#include "mkdt/base/version.h"
#include "mkdt/io/checkpoint.h"
#include "mkdt/io/checksum.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/folders.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/run/report_files.h"
#include "mkdt/stages/finished_work.h"
#include "mkdt/stages/resource_check.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

std::optional<Manifest> manifest_of(const Run& run, const std::string& stage) {
  return read_manifest(run.path(stage, kManifestFile));
}

// Returns what the stage would be made from now; its inputs are done.
Manifest present(Run& run, const Stage& stage, const std::optional<Manifest>& then) {
  Manifest manifest;
  manifest.stage = stage.name;
  manifest.version = version();
  manifest.options = stage.options(run.config());
  manifest.inputs = stage.sources(run);
  for (const std::string& input : stage.inputs) {
    const auto done = manifest_of(run, input);
    if (!done) throw std::logic_error("stage " + stage.name + " before " + input);
    for (const auto& [file, sum] : done->outputs) {
      if (is_read(stage, file)) manifest.inputs[file] = sum;
    }
  }
  if (then) find_later_options(manifest, *then, run.config().defaults());
  return manifest;
}

[[noreturn]] void fail_damaged(const Run& run, const std::string& file, const std::string& what) {
  throw Error(
      fmt::format("{}: damaged since '{}' wrote it: {}; delete it to have that stage done again",
                  (run.folder() / file).string(), fs::path(file).begin()->string(), what));
}

// Throws Error for outputs of another size than was written, which finds files that were cut off
// without reading their contents.
void check_sizes(const Run& run, const Manifest& made) {
  for (const auto& [file, checksum] : made.outputs) {
    const fs::path path = run.folder() / file;
    const auto recorded = made.sizes.find(file);
    if (recorded == made.sizes.end()) {
      if (path.extension() == ".safetensors") read_safetensors(path);  // its header has the sizes
      continue;
    }
    const auto size = static_cast<int64_t>(fs::file_size(path));
    if (size == recorded->second) continue;
    fail_damaged(run, file,
                 fmt::format("it has {} bytes, and {} were written", size, recorded->second));
  }
}

constexpr const char* kNotDoneYet = "not done yet";

// Returns why the stage has to be done (again); empty if it is done.
std::string reason_to_work(const Run& run, const Stage& stage, const std::optional<Manifest>& then,
                           const Manifest& now) {
  if (!then) {
    return fs::exists(run.path(stage.name, kManifestFile)) ? "its manifest is damaged"
                                                           : kNotDoneYet;
  }
  for (const auto& [file, checksum] : then->outputs) {
    if (!fs::exists(run.folder() / file)) return fmt::format("'{}' is gone", file);
  }
  const std::vector<Change> found = changes_that_count(stage, *then, now);
  if (!found.empty()) return found.front().text;
  check_sizes(run, *then);
  return "";
}

std::string reason_to_work(Run& run, const Stage& stage) {
  const std::optional<Manifest> then = manifest_of(run, stage.name);
  return reason_to_work(run, stage, then, present(run, stage, then));
}

void record_outputs(const Run& run, const Stage& stage, Manifest& manifest) {
  for (const fs::path& path : files_below(run.folder() / stage.name)) {
    const std::string name = path.filename().string();
    if (name == kManifestFile || is_checkpoint(name)) continue;
    const std::string file = fs::relative(path, run.folder()).generic_string();
    manifest.outputs[file] = file_checksum(path);
    manifest.sizes[file] = static_cast<int64_t>(fs::file_size(path));
  }
}

// Throws Error unless the stage reads what was written, before its work begins and before anything
// is deleted.
void check_inputs(const Run& run, const Stage& stage) {
  for (const std::string& input : stage.inputs) {
    const Manifest made = manifest_of(run, input).value();
    for (const auto& [file, sum] : made.outputs) {
      throw_if_stopped(run.observer());
      if (!is_read(stage, file) || file_checksum(run.folder() / file) == sum) continue;
      fail_damaged(run, file, "its checksum is another than in the manifest");
    }
  }
}

void empty_folder(const fs::path& folder) {
  std::error_code code;
  fs::remove_all(folder, code);
  if (code) throw Error(fmt::format("{}: cannot empty: {}", folder.string(), code.message()));
}

void remove_manifest(const fs::path& folder) {
  std::error_code code;
  if (!fs::remove(folder / kManifestFile, code) && !code) return;
  if (code) {
    throw Error(
        fmt::format("{}: cannot remove: {}", (folder / kManifestFile).string(), code.message()));
  }
  sync_folder(folder);
}

// Removes manifests and checkpoints of lost work; such a checkpoint would only cause a warning that
// it is of other options, or of a longer run.
void forget(const Run& run, const StageNames& lost) {
  for (const std::string& stage : lost) {
    const fs::path folder = run.folder() / stage;
    remove_manifest(folder);
    Checkpoints(run.checkpoint(stage, /*key=*/"")).remove();
  }
}

// Does the stage's own work. Where a GPU has too little memory for it, what the stage has kept
// stays.
void do_work(Run& run, const Stage& stage, const Manifest& manifest) {
  try {
    stage.work(run, manifest);
  } catch (const std::exception& error) {
    if (!is_out_of_device_memory(error)) throw;
    const std::string change = advice(run.config(), stage.batch_option);
    throw Error(fmt::format("{}: runtime.device: {} has too little memory: {}{}{}", stage.name,
                            run.device().str(), torch_message(error), change.empty() ? "" : "; ",
                            change));
  }
}

void work(Run& run, const Stage& stage, Manifest manifest, const StageNames& lost) {
  check_resources(run, stage);  // before anything is written or deleted
  give_back_memory();
  release_device_memory(run.device());
  const PeakMemory peak;
  const auto begin = std::chrono::steady_clock::now();
  const fs::path folder = run.folder() / stage.name;
  create_folder(folder);
  if (lost.count(stage.name) != 0) forget(run, lost);
  remove_manifest(folder);  // comes first: from here on the stage is not done
  if (!stage.resumes) {
    empty_folder(folder);
    create_folder(folder);
  }

  do_work(run, stage, manifest);

  record_outputs(run, stage, manifest);
  manifest.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  manifest.peak_memory = peak.bytes();
  write_manifest(folder / kManifestFile, manifest);
  run.observer().info(fmt::format("{}: done in {:.1f} s with {}{} of memory", stage.name,
                                  manifest.seconds, peak.exact() ? "" : "at most ",
                                  byte_text(*manifest.peak_memory)));
}

// Throws Error if finished work would be lost that was not foreseen, since an earlier stage's
// outputs differ from those that were expected.
void check_not_lost(Run& run, const Stage& stage, const StageNames& lost) {
  if (lost.count(stage.name) != 0) return;
  const FinishedWork unforeseen = work_to_lose(run, {stage});
  if (!unforeseen.stages.empty()) throw Error(refusal(run, unforeseen));
}

void work_if_needed(Run& run, const Stage& stage, StageNames& lost) {
  const std::optional<Manifest> then = manifest_of(run, stage.name);
  Manifest now = present(run, stage, then);
  const std::string reason = reason_to_work(run, stage, then, now);
  if (reason.empty()) {
    run.observer().info(fmt::format("{}: already done", stage.name));
    return;
  }
  if (reason != kNotDoneYet) run.observer().info(fmt::format("{}: {}", stage.name, reason));
  check_not_lost(run, stage, lost);
  check_inputs(run, stage);
  work(run, stage, std::move(now), lost);
  if (lost.count(stage.name) != 0) lost.clear();  // it was forgotten as a whole
}

const Stage& stage_named(const std::vector<Stage>& stages, const std::string& name) {
  for (const Stage& stage : stages) {
    if (stage.name == name) return stage;
  }
  throw Error(
      fmt::format("{}: nothing to do: the teacher is given by teacher.representations or "
                  "teacher.torchscript",
                  name));
}

}  // namespace

bool is_read(const Stage& stage, const std::string& file) {
  if (fs::path(file).extension() != ".safetensors" || is_for_reports(file)) return false;
  return !stage.reads || stage.reads(file);
}

std::vector<Change> changes_that_count(const Stage& stage, const Manifest& then,
                                       const Manifest& now) {
  std::vector<Change> found = changes(then, now);
  if (stage.tolerates) {
    found.erase(std::remove_if(found.begin(), found.end(), stage.tolerates), found.end());
  }
  return found;
}

std::vector<Stage> stages_for(const Config& config, const std::vector<std::string>& goals) {
  const std::vector<Stage> all = stages_of(config);
  std::set<std::string> needed;
  for (const std::string& goal : goals) needed.insert(stage_named(all, goal).name);
  for (auto stage = all.rbegin(); stage != all.rend(); ++stage) {
    if (needed.count(stage->name) != 0) needed.insert(stage->inputs.begin(), stage->inputs.end());
  }
  std::vector<Stage> chosen;
  for (const Stage& stage : all) {
    if (needed.count(stage.name) != 0) chosen.push_back(stage);
  }
  return chosen;
}

std::vector<UnfinishedStage> unfinished_stages(Run& run, const std::vector<Stage>& stages) {
  std::vector<UnfinishedStage> left;
  const auto is_left = [&](const std::string& name) {
    return std::any_of(left.begin(), left.end(),
                       [&](const UnfinishedStage& other) { return other.name == name; });
  };
  for (const Stage& stage : stages) {
    const auto waits_for = std::find_if(stage.inputs.begin(), stage.inputs.end(), is_left);
    const std::string reason = waits_for != stage.inputs.end() ? fmt::format("after {}", *waits_for)
                                                               : reason_to_work(run, stage);
    if (!reason.empty()) left.push_back({stage.name, reason});
  }
  return left;
}

std::vector<std::string> unfinished(Run& run, const std::vector<Stage>& stages) {
  std::vector<std::string> names;
  for (const UnfinishedStage& stage : unfinished_stages(run, stages)) names.push_back(stage.name);
  return names;
}

void run_stages(Run& run, const std::vector<Stage>& stages, const StageNames& lost) {
  StageNames left = lost;
  for (const Stage& stage : stages) {
    throw_if_stopped(run.observer());
    work_if_needed(run, stage, left);
  }
}

Stage ready_stage(Run& run, const std::string& name) {
  const std::vector<Stage> stages = stages_of(run.config());
  const Stage& wanted = stage_named(stages, name);
  for (const std::string& input : wanted.inputs) {
    const Stage& stage = stage_named(stages, input);
    const auto done = manifest_of(run, input);
    if (!done) {
      throw Error(
          fmt::format("{}: it reads what '{}' makes, which is not done in '{}'; do that "
                      "first, or use `mkdt run`",
                      name, input, run.folder().string()));
    }
    // Its own inputs may be in work again: `probe` reads what `pretrain` makes, but not the set
    // that `pretrain` learned from.
    const auto undone =
        std::find_if(stage.inputs.begin(), stage.inputs.end(),
                     [&](const std::string& own) { return !manifest_of(run, own); });
    const std::string reason = undone != stage.inputs.end()
                                   ? fmt::format("'{}' is not done", *undone)
                                   : reason_to_work(run, stage);
    if (!reason.empty()) {
      throw Error(
          fmt::format("{}: it reads what '{}' makes, which is out of date ({}); do that "
                      "again, or use `mkdt run`",
                      name, input, reason));
    }
  }
  return wanted;
}

}  // namespace mkdt
