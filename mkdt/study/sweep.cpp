#include "mkdt/study/sweep.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/checkpoint.h"
#include "mkdt/core/checksum.h"
#include "mkdt/core/error.h"
#include "mkdt/core/files_below.h"
#include "mkdt/pipeline/finished_work.h"
#include "mkdt/pipeline/pipeline.h"
#include "mkdt/pipeline/run.h"
#include "mkdt/pipeline/run_lock.h"
#include "mkdt/pipeline/stage.h"
#include "mkdt/report/results.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

constexpr const char* kComparison = "evaluate";  // a variant's own

// Letters, digits, '.' and '_' stay; of a long name the beginning, with a checksum of all of it.
std::string folder_name(const std::string& name) {
  constexpr size_t kLongest = 100;
  std::string text;
  for (const char c : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_';
    if (plain) {
      text += c;
    } else if (!text.empty() && text.back() != '-') {
      text += '-';
    }
  }
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "-" + checksum(name);
}

// Files are replaced, never written into, so a link keeps what it has.
void take_over_file(const fs::path& from, const fs::path& to) {
  std::error_code code;
  fs::create_hard_link(from, to, code);
  if (!code) return;
  fs::copy_file(from, to, code);
  if (code) {
    throw Error(
        fmt::format("{}: cannot copy from '{}': {}", to.string(), from.string(), code.message()));
  }
}

// Whether the stage in `folder` was done with the options that it would be done with now. Of its
// inputs nothing is known here; the run itself compares them.
bool fits(const Stage& stage, const Config& config, const fs::path& folder) {
  const auto manifest = read_manifest(folder / kManifestFile);
  return manifest && manifest->options == stage.options(config);
}

// The first of these runs that has what would be made.
std::vector<fs::path>::const_iterator source_of(const Stage& stage, const Config& config,
                                                const std::vector<fs::path>& runs) {
  return std::find_if(runs.begin(), runs.end(),
                      [&](const fs::path& run) { return fits(stage, config, run / stage.name); });
}

// Without checkpoints: what goes on from them goes on in the folder that they are in. The manifest
// is the last file to come, so that half a stage is none.
void take_over_stage(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  for (const fs::path& file : files_below(from)) {
    if (is_checkpoint(file.filename())) continue;
    const fs::path target = to / fs::relative(file, from);
    if (target == to / kManifestFile) continue;
    create_folder(target.parent_path());
    take_over_file(file, target);
  }
  take_over_file(from / kManifestFile, to / kManifestFile);
}

// From the first of these runs that has what the variant would make.
void take_over_stages(const Config& config, const std::vector<fs::path>& runs, const fs::path& own,
                      Observer& observer) {
  const RunLock lock(own, observer);
  for (const Stage& stage : stages_of(config)) {
    if (stage.name == kComparison || fits(stage, config, own / stage.name)) continue;
    const auto source = source_of(stage, config, runs);
    if (source != runs.end()) take_over_stage(*source / stage.name, own / stage.name);
  }
}

// Before a stage is taken over: what the variant would have to do again. What is agreed to is not
// asked again.
MayReplace ask_for(const Config& config, const std::vector<fs::path>& runs, const fs::path& own,
                   Observer& observer, const MayReplace& may_replace) {
  if (!fs::exists(own)) return may_replace;
  Run run(config, own, observer);
  const std::vector<Stage> stages = stages_for(config, {kComparison});
  FinishedWork lost = work_to_lose(run, stages);
  for (const Stage& stage : stages) {
    if (source_of(stage, config, runs) == runs.end()) continue;
    lost.stages.erase(std::remove(lost.stages.begin(), lost.stages.end(), stage.name),
                      lost.stages.end());
  }
  if (lost.stages.empty()) return may_replace;
  if (!may_replace || !may_replace(lost)) throw Error(refusal(run, lost));
  return [](const FinishedWork& /*lost*/) { return true; };
}

void check(const LoadConfig& load, const std::vector<Variant>& variants) {
  if (variants.empty()) throw Error("study: there are no variants to compare");
  std::set<std::string> names;
  for (const Variant& variant : variants) {
    load(variant.assignments);
    if (names.insert(folder_name(variant.name)).second) continue;
    throw Error(fmt::format("study: two variants would work in '{}'; change the name of '{}'",
                            folder_name(variant.name), variant.name));
  }
}

}  // namespace

std::vector<VariantResult> sweep(const LoadConfig& load, const std::vector<Variant>& variants,
                                 const fs::path& run_folder, const fs::path& folder,
                                 Observer& observer, const MayReplace& may_replace) {
  check(load, variants);
  std::vector<VariantResult> results;
  std::vector<fs::path> runs = {run_folder};
  for (const Variant& variant : variants) {
    const std::unique_ptr<Config> config = load(variant.assignments);
    const fs::path own = folder / folder_name(variant.name);
    observer.info(
        fmt::format("study: {} ({} of {})", variant.name, results.size() + 1, variants.size()));
    const MayReplace agreed = ask_for(*config, runs, own, observer, may_replace);
    take_over_stages(*config, runs, own, observer);
    run_comparison(*config, own, observer, agreed);
    runs.push_back(own);
    results.push_back({variant.name, own, read_results(results_folder(own) / "results.json")});
  }
  return results;
}

std::vector<ComparisonRow> merged(const std::vector<VariantResult>& results) {
  std::vector<ComparisonRow> all;
  for (const VariantResult& result : results) {
    for (ComparisonRow row : result.rows) {
      row.dataset += ", " + result.name;
      all.push_back(std::move(row));
    }
  }
  return all;
}

}  // namespace mkdt
