#include "mkdt/study/sweep_studies.h"

#include <algorithm>
#include <map>
#include <sstream>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/version.h"
#include "mkdt/pipeline/quality.h"
#include "mkdt/report/comparison_table.h"
#include "mkdt/report/curve_plot.h"
#include "mkdt/report/difference_table.h"
#include "mkdt/report/results.h"
#include "mkdt/study/study_files.h"

namespace mkdt {
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

// Mean representation loss of each method on the first encoder, over the sizes.
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

// "width=32 epochs=9" with the prefix "teacher." → teacher.width=32, teacher.epochs=9.
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
    const auto quality = read_quality(result.folder / "embed" / "quality.json");
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
