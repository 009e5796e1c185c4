#include "mkdt/study/sweep.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/version.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/io/checkpoint.h"
#include "mkdt/io/checksum.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/folders.h"
#include "mkdt/publish/comparison_table.h"
#include "mkdt/publish/curve_plot.h"
#include "mkdt/publish/difference_table.h"
#include "mkdt/publish/results.h"
#include "mkdt/run/run.h"
#include "mkdt/run/run_lock.h"
#include "mkdt/stages/finished_work.h"
#include "mkdt/stages/pipeline.h"
#include "mkdt/stages/quality.h"
#include "mkdt/stages/stage.h"
#include "mkdt/study/study_files.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

// Makes a folder's name: letters, digits, '.' and '_' stay; of a long name it keeps the beginning,
// with a checksum of all of it.
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

// Links a file, or copies it. Files are replaced, never written into, so a link keeps its contents.
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

// Tells whether the stage was done with the options that it would be done with now, and from what
// the stages `before` it made. The images are not compared here; the run itself compares them.
bool fits(const Stage& stage, const Config& config, const Manifest& made,
          const std::map<std::string, Manifest>& before) {
  Manifest now = made;
  now.options = stage.options(config);
  find_later_options(now, made, config.defaults());
  // The inputs are those of `made` themselves.
  if (!changes_that_count(stage, made, now).empty()) return false;
  return std::all_of(stage.inputs.begin(), stage.inputs.end(), [&](const std::string& input) {
    const auto source = before.find(input);
    if (source == before.end()) return false;
    const Entries& files = source->second.outputs;
    return std::all_of(files.begin(), files.end(), [&](const auto& file) {
      const auto read = made.inputs.find(file.first);
      return !is_read(stage, file.first) ||
             (read != made.inputs.end() && read->second == file.second);
    });
  });
}

// Maps a stage to the run that has what the variant would make: the variant's own, or else the
// first one.
using Sources = std::map<std::string, fs::path>;

Sources sources_of(const Config& config, const std::vector<fs::path>& runs, const fs::path& own) {
  std::vector<fs::path> all = {own};
  all.insert(all.end(), runs.begin(), runs.end());
  Sources sources;
  std::map<std::string, Manifest> before;
  for (const Stage& stage : stages_of(config)) {
    if (stage.name == kEvaluateStage) continue;
    for (const fs::path& run : all) {
      const auto made = read_manifest(run / stage.name / kManifestFile);
      if (!made || !fits(stage, config, *made, before)) continue;
      sources[stage.name] = run;
      before[stage.name] = *made;
      break;
    }
  }
  return sources;
}

// Takes over a stage's files except checkpoints, whose work continues in their own folder. The
// manifest comes last, so that half a stage does not count as one.
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

void take_over_stages(const Sources& sources, const fs::path& own, Observer& observer) {
  const RunLock lock(own, observer);
  for (const auto& [stage, run] : sources) {
    if (run != own) take_over_stage(run / stage, own / stage);
  }
}

// Asks, before a stage is taken over, about work that the variant would have to do again. What was
// agreed to is not asked again.
MayReplace ask_for(const Config& config, const Sources& sources, const fs::path& own,
                   Observer& observer, const MayReplace& may_replace) {
  if (!fs::exists(own)) return may_replace;
  Run run(config, own, observer);
  FinishedWork lost = work_to_lose(run, stages_for(config, {kEvaluateStage}));
  const auto has_source = [&](const std::string& stage) { return sources.count(stage) != 0; };
  lost.stages.erase(std::remove_if(lost.stages.begin(), lost.stages.end(), has_source),
                    lost.stages.end());
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
    const Sources sources = sources_of(*config, runs, own);
    const MayReplace agreed = ask_for(*config, sources, own, observer, may_replace);
    take_over_stages(sources, own, observer);
    run_comparison(*config, own, observer, agreed);
    runs.push_back(own);
    results.push_back({variant.name, own, read_results(results_folder(own) / kResultsFile)});
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

namespace {

std::vector<Table> write_sweep(const std::filesystem::path& folder,
                               const std::vector<VariantResult>& results,
                               std::vector<std::string> context) {
  const std::vector<ComparisonRow> rows = merged(results);
  context.insert(context.begin(), "mkdt " + version());
  write_results(folder, rows, context);
  std::vector<Table> tables = comparison_tables(rows);
  for (Table& table : difference_tables(rows)) tables.push_back(std::move(table));
  return tables;
}

// Plots the mean representation loss of each method on the first encoder, over the sizes.
CurvePlot losses_by_size(const std::vector<VariantResult>& results,
                         const std::vector<int64_t>& sizes) {
  CurvePlot plot{"Representation loss and size", "synthetic images", "representation loss", {}};
  std::map<std::string, Curve> curves;
  for (size_t i = 0; i < results.size(); ++i) {
    for (const SummaryRow& row : summarise(results[i].rows)) {
      if (!row.representation_loss || row.fitted_head) continue;
      if (row.encoder != results[i].rows.front().encoder) continue;
      Curve& curve = curves[row.method];
      curve.name = row.method;
      const auto size = static_cast<double>(sizes[i]);
      if (!curve.x.empty() && curve.x.back() == size) continue;  // other labels, the same encoder
      curve.x.push_back(size);
      curve.y.push_back(row.representation_loss->mean);
    }
  }
  for (const auto& [method, curve] : curves) plot.curves.push_back(curve);
  return plot;
}

// Makes of "width=32 epochs=9", with the prefix "teacher.", the assignments teacher.width=32 and
// teacher.epochs=9.
std::vector<Variant> variants_of(const std::vector<std::string>& settings,
                                 const std::string& prefix) {
  std::vector<Variant> variants;
  for (const std::string& setting : settings) {
    Variant variant{setting, {}};
    std::istringstream words(setting);
    for (std::string word; words >> word;) {
      if (word.find('=') == std::string::npos) {
        throw Error(fmt::format("study: '{}' in '{}' is not KEY=VALUE", word, setting));
      }
      variant.assignments.push_back(prefix + word);
    }
    variants.push_back(std::move(variant));
  }
  return variants;
}

}  // namespace

std::vector<Table> size_study(const LoadConfig& load, std::vector<int64_t> sizes,
                              const std::filesystem::path& run_folder, Observer& observer,
                              const MayReplace& may_replace) {
  std::sort(sizes.begin(), sizes.end());
  std::vector<Variant> variants;
  variants.reserve(sizes.size());
  for (const int64_t size : sizes) {
    variants.push_back({fmt::format("{} images", size), {fmt::format("subset.size={}", size)}});
  }
  const std::filesystem::path folder = study_folder(run_folder, "size");
  const auto results = sweep(load, variants, run_folder, folder, observer, may_replace);
  write_curve_svg(folder / "representation_loss.svg", losses_by_size(results, sizes));
  return write_sweep(folder, results, {"Study: the size of the synthetic set"});
}

std::vector<Table> teacher_study(const LoadConfig& load, const std::vector<std::string>& teachers,
                                 const std::filesystem::path& run_folder, Observer& observer,
                                 const MayReplace& may_replace) {
  const std::filesystem::path folder = study_folder(run_folder, "teacher");
  const auto results =
      sweep(load, variants_of(teachers, "teacher."), run_folder, folder, observer, may_replace);
  std::vector<std::string> context = {"Study: the teacher"};
  for (const VariantResult& result : results) {
    const auto quality = read_quality(kQualityFile.in(result.folder));
    context.push_back(fmt::format("{}: {}", result.name, to_text(quality.at(0))));
  }
  return write_sweep(folder, results, context);
}

std::vector<Table> options_study(const LoadConfig& load, const std::vector<std::string>& settings,
                                 const std::filesystem::path& run_folder, Observer& observer,
                                 const MayReplace& may_replace) {
  const std::filesystem::path folder = study_folder(run_folder, "options");
  const auto results =
      sweep(load, variants_of(settings, ""), run_folder, folder, observer, may_replace);
  return write_sweep(folder, results, {"Study: options"});
}

}  // namespace mkdt
