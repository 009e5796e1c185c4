#include "mkdt/stages/finished_work.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/base/error.h"
#include "mkdt/base/units.h"

namespace mkdt {
namespace {

constexpr size_t kMostReasons = 4;              // that a message names
constexpr const char* kMadeAnew = "made anew";  // in place of the checksum that is not known yet

bool is_below(const std::string& file, const std::string& stage) {
  return file.rfind(stage + "/", 0) == 0;
}

// Goes through the stages in order and records what becomes of their outputs.
class Losses {
 public:
  explicit Losses(Run& run) : run_(run) {}

  void look_at(const Stage& stage) {
    const std::filesystem::path path = run_.path(stage.name, kManifestFile);
    const std::optional<Manifest> then = read_manifest(path);
    // A damaged manifest says nothing, so the stage is taken to make again what it made.
    if (!then && !std::filesystem::exists(path)) unfinished_.insert(stage.name);
    if (!then) return;
    const Manifest now = expected(stage, *then);
    const std::vector<Change> found = changes_that_count(stage, *then, now);
    if (!found.empty()) {
      mark_outputs(stage, *then, found);
      const bool whole =
          std::all_of(then->outputs.begin(), then->outputs.end(), [&](const auto& output) {
            return std::filesystem::exists(run_.folder() / output.first);
          });
      if (whole && stage.loses && stage.loses(run_, *then, now)) add(stage, *then, found);
    }
  }

  FinishedWork result() const {
    FinishedWork lost = lost_;
    if (lost.reasons.empty()) lost.reasons = indirect_;
    return lost;
  }

 private:
  // Returns what the stage would be made from, as far as that is known.
  Manifest expected(const Stage& stage, const Manifest& then) {
    Manifest now = then;
    now.options = stage.options(run_.config());
    now.inputs = stage.sources(run_);
    for (const std::string& input : stage.inputs) {
      const bool never_done = unfinished_.count(input) != 0;
      const std::optional<Manifest> made = read_manifest(run_.path(input, kManifestFile));
      for (const auto& [file, sum] : made ? made->outputs : then.inputs) {
        if (!is_below(file, input) || !is_read(stage, file)) continue;
        now.inputs[file] = never_done || remade_.count(file) != 0 ? kMadeAnew : sum;
      }
    }
    find_later_options(now, then, run_.config().defaults());
    return now;
  }

  void mark_outputs(const Stage& stage, const Manifest& then, const std::vector<Change>& found) {
    std::set<std::string> keys;
    for (const Change& change : found) keys.insert(change.key);
    for (const auto& [file, sum] : then.outputs) {
      if (!stage.remakes || stage.remakes(file, keys)) remade_.insert(file);
    }
  }

  // Adds the stage's work. The reasons are the options and inputs that changed by themselves;
  // changed files of other stages are reasons only where there are no others.
  void add(const Stage& stage, const Manifest& then, const std::vector<Change>& found) {
    lost_.stages.push_back(stage.name);
    lost_.seconds += then.seconds;
    for (const Change& change : found) {
      const bool of_a_stage =
          std::any_of(stage.inputs.begin(), stage.inputs.end(),
                      [&](const std::string& input) { return is_below(change.key, input); });
      std::vector<Change>& reasons = of_a_stage ? indirect_ : lost_.reasons;
      const bool known = std::any_of(reasons.begin(), reasons.end(),
                                     [&](const Change& other) { return other.key == change.key; });
      if (!known) reasons.push_back(change);
    }
  }

  Run& run_;
  std::set<std::string> unfinished_, remade_;
  std::vector<Change> indirect_;
  FinishedWork lost_;
};

std::string reasons_text(const std::vector<Change>& reasons) {
  std::string text;
  for (size_t i = 0; i < std::min(reasons.size(), kMostReasons); ++i) {
    text += (i == 0 ? "" : "; ") + reasons[i].text;
  }
  if (reasons.size() > kMostReasons) {
    text += fmt::format("; and {} more", reasons.size() - kMostReasons);
  }
  return text;
}

}  // namespace

std::string FinishedWork::text() const {
  return fmt::format("{}: the finished work of {} ({}) would be replaced", reasons_text(reasons),
                     fmt::join(stages, ", "), duration_text(seconds));
}

FinishedWork work_to_lose(Run& run, const std::vector<Stage>& stages) {
  Losses losses(run);
  for (const Stage& stage : stages) losses.look_at(stage);
  return losses.result();
}

StageNames ask_for_work_to_lose(Run& run, const std::vector<Stage>& stages,
                                const MayReplace& may_replace) {
  const FinishedWork lost = work_to_lose(run, stages);
  if (lost.stages.empty()) return {};
  if (!may_replace || !may_replace(lost)) throw Error(refusal(run, lost));
  return {lost.stages.begin(), lost.stages.end()};
}

std::string refusal(const Run& run, const FinishedWork& lost) {
  std::string old_values;
  for (const Change& change : lost.reasons) {
    if (change.old_value.empty() || lost.reasons.size() > kMostReasons) continue;
    const std::string setting = change.key + "=" + change.old_value;
    const bool plain = setting.find_first_of(" \"[]") == std::string::npos;
    old_values += fmt::format(" --set {}", plain ? setting : "'" + setting + "'");
  }
  const bool of_options =
      std::any_of(lost.reasons.begin(), lost.reasons.end(),
                  [](const Change& change) { return !change.old_value.empty(); });
  const std::string how_to_keep =
      of_options ? fmt::format("go back to {} (`mkdt run {}` has all of the run's own options)",
                               old_values.empty() ? "what was there" : old_values.substr(1),
                               run.folder().string())
                 : "put back what was there";
  return fmt::format(
      "{}: {}; to keep it, {}, to replace it, add --redo, to have both, name another --out",
      lost.stages.front(), lost.text(), how_to_keep);
}

}  // namespace mkdt
