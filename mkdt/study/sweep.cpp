#include "mkdt/study/sweep.h"

#include <set>

#include <fmt/format.h>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/checksum.h"
#include "mkdt/core/error.h"
#include "mkdt/pipeline/pipeline.h"
#include "mkdt/pipeline/stage.h"
#include "mkdt/report/results.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

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

// A folder without its manifest is not a finished stage: it is left out, and the manifest is the
// last file to come.
void take_over_stage(const fs::path& from, const fs::path& to) {
  if (!fs::exists(from / kManifestFile) || fs::exists(to / kManifestFile)) return;
  create_folder(to);
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
    const fs::path target = to / entry.path().filename();
    if (!entry.is_regular_file() || target.filename() == kManifestFile || fs::exists(target)) {
      continue;
    }
    take_over_file(entry.path(), target);
  }
  take_over_file(from / kManifestFile, to / kManifestFile);
}

void check(const LoadConfig& load, const std::vector<Variant>& variants) {
  if (variants.empty()) throw Error("study: there are no variants to compare");
  std::set<std::string> names;
  for (const Variant& variant : variants) {
    load(variant.assignments);
    if (names.insert(folder_name(variant.name)).second) continue;
    throw Error(fmt::format("study: '{}' is there twice", variant.name));
  }
}

}  // namespace

std::vector<VariantResult> sweep(const LoadConfig& load, const std::vector<Variant>& variants,
                                 const fs::path& run_folder, const fs::path& folder,
                                 Observer& observer) {
  check(load, variants);
  std::vector<VariantResult> results;
  for (const Variant& variant : variants) {
    const std::unique_ptr<Config> config = load(variant.assignments);
    const fs::path own = folder / folder_name(variant.name);
    observer.info(
        fmt::format("study: {} ({} of {})", variant.name, results.size() + 1, variants.size()));
    for (const Stage& stage : stages_of(*config)) {
      take_over_stage(run_folder / stage.name, own / stage.name);
    }
    run_comparison(*config, own, observer);
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
