#include "mkdt/stages/learned_set.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/base/error.h"
#include "mkdt/base/text.h"
#include "mkdt/base/units.h"
#include "mkdt/base/version.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/data/png.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/distill/recipe.h"
#include "mkdt/publish/contact_sheet.h"
#include "mkdt/publish/curve_plot.h"
#include "mkdt/stages/subset.h"
#include "mkdt/stages/trial.h"

namespace mkdt {

namespace {

// Returns the mean over a window of a fiftieth of the curve, which shows the trend: the curve
// itself jumps with what each step draws.
Curve smoothed(const std::vector<double>& values) {
  Curve curve;
  curve.name = "running mean";
  const size_t window = std::max<size_t>(values.size() / 50, 1);
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    sum += values[i] - (i >= window ? values[i - window] : 0);
    curve.x.push_back(static_cast<double>(i + 1));
    curve.y.push_back(sum / static_cast<double>(std::min(window, i + 1)));
  }
  return curve;
}

CurvePlot plot_of(const LossCurve& curve) {
  Curve all;
  all.name = "each " + curve.x_label;
  for (size_t i = 0; i < curve.values.size(); ++i) all.x.push_back(static_cast<double>(i + 1));
  all.y = curve.values;
  return {curve.title, curve.x_label, curve.y_label, {all, smoothed(curve.values)}};
}

}  // namespace

void write_set_pictures(const std::filesystem::path& folder, const torch::Tensor& start_images,
                        const SyntheticSet& set, const LossCurve& curve) {
  write_marked_png(folder / kContactSheetFile, sample_sheet(set.normalisation.invert(start_images),
                                                            set.normalisation.invert(set.images)));
  if (!curve.values.empty()) write_curve_svg(folder / curve.file, plot_of(curve));
}

void add_learned_set(Run& run, int64_t outputs, int64_t iterations, StageTrial& trial) {
  constexpr int64_t kWithMoments = 3;
  constexpr int64_t kStates = 3;          // present, good, and the one that is made or written
  constexpr int64_t kStatesKept = 2;      // in a checkpoint: present and good
  constexpr int64_t kFilesAtOnce = 3;     // two checkpoints and the next one's temporary file
  constexpr int64_t kMetrics = 500;       // bytes an iteration
  constexpr int64_t kPictures = 4 << 20;  // bytes; the sheet has 200 images at most
  const int64_t set =
      set_size(run) * (pixel_count(run) + outputs) * static_cast<int64_t>(sizeof(float));
  trial.held_memory += kStates * kWithMoments * set;
  trial.disk +=
      kFilesAtOnce * kStatesKept * kWithMoments * set + set + kPictures + kMetrics * iterations;
  trial.disk_option = "subset.size";
}

int64_t disk_of_recording(int64_t trajectory, int64_t parameters) {
  constexpr int64_t kFilesAtOnce = 3;     // two checkpoints and the next one's temporary file
  constexpr int64_t kStudentNumbers = 2;  // a parameter and its velocity
  return kFilesAtOnce *
         (trajectory + kStudentNumbers * parameters * static_cast<int64_t>(sizeof(float)));
}

namespace {

using Provenance = std::map<std::string, std::string>;

Recipe recipe_for(Run& run, const SyntheticSet& set) {
  const RegressionSet training = regression_set(set.images, set.targets, run.device());
  const RegressionSet validation = stoppable(
      regression_set(run.images(Part::kValidation), run.targets(Part::kValidation), run.device()),
      run.observer());
  return choose_recipe(run.student(), regression_pretraining(training, set.syn_lr),
                       loss_on(validation), run.config().pretrain, run.seed(), run.observer());
}

}  // namespace

Provenance run_provenance(Run& run) {
  const RepresentationsHeader targets = run.representations_header(Part::kTrain);
  Provenance entries = {{"mkdt_version", version()},
                        {"config", run.config().table.to_toml()},
                        {"seed", std::to_string(run.seed())},
                        {"dataset", run.images(Part::kTrain).name},
                        {"image_fingerprint", targets.image_fingerprint},
                        {"teacher", targets.encoder},
                        {"target_processing", targets.processing}};
  for (const auto& [key, value] : run.student()->describe()) entries["student_" + key] = value;
  return entries;
}

SyntheticSet starting_set(Run& run, const std::string& subset) {
  const torch::Tensor rows = read_subset(run, subset);
  const ImageSet& images = run.images(Part::kTrain);
  return {images.normalised(rows, run.device()),
          run.targets(Part::kTrain).index_select(0, rows.to(run.device())),
          /*syn_lr=*/0,
          images.normalisation,
          {}};
}

void check_starting_set(Run& run, const std::filesystem::path& path, int64_t dim) {
  const SyntheticSet set = read_synthetic_set(path);
  const ImageSet& images = run.images(Part::kTrain);
  const std::vector<int64_t> found = set.images.sizes().slice(1).vec();
  const std::vector<int64_t> expected = images.images.sizes().slice(1).vec();
  if (found != expected) {
    throw Error(fmt::format(
        "{}: [channels, height, width] of its images are [{}], but those of this run are [{}]",
        path.string(), fmt::join(found, ", "), fmt::join(expected, ", ")));
  }
  const int64_t count = run.config().subset.count(images.size());
  if (set.size() != count) {
    throw Error(fmt::format(
        "{}: it has {} images, but subset.size stands for {}; what it is compared with should have "
        "as many: set subset.size to {}",
        path.string(), set.size(), count, set.size()));
  }
  if (set.normalisation.mean != images.normalisation.mean ||
      set.normalisation.std != images.normalisation.std) {
    throw Error(fmt::format(
        "{}: its images are normalised with another mean and deviation than those of this run; "
        "set data.normalisation as it was there",
        path.string()));
  }
  std::error_code ignored;
  if (std::filesystem::equivalent(path, run.path(kDistilledSet), ignored)) {
    throw Error(
        fmt::format("distill.start: '{}' is what this run's distillation writes; copy it, or name "
                    "another --out",
                    path.string()));
  }
  if (set.targets.size(1) != dim) {
    throw Error(fmt::format("{}: its targets have {} dimensions, but those of this run have {}",
                            path.string(), set.targets.size(1), dim));
  }
}

SyntheticSet starting_set_from(Run& run, const std::filesystem::path& path) {
  check_starting_set(run, path, run.student()->output_dim());
  SyntheticSet set = read_synthetic_set(path);
  const Provenance own = run_provenance(run);
  for (const char* key : {"teacher", "target_processing", "image_fingerprint"}) {
    const auto entry = set.provenance.find(key);
    if (entry == set.provenance.end() || entry->second == own.at(key)) continue;
    run.observer().warn(
        fmt::format("distill.start: '{}' was made with another {} ('{}') than this run has ('{}')",
                    path.string(), key, printable(entry->second), printable(own.at(key))));
  }
  set.images = set.images.to(run.device());
  set.targets = set.targets.to(run.device());
  return set;
}

std::string key_of_optimisation(Manifest manifest, const std::string& left_out) {
  Entries kept;
  for (const auto& [key, value] : manifest.options) {
    if (key.rfind("pretrain.", 0) != 0 && key != left_out) kept[key] = value;
  }
  manifest.options = std::move(kept);
  return manifest.key();
}

std::function<bool(const Run&, const Manifest&, const Manifest&)> loses_optimisation(
    const std::string& left_out) {
  return [left_out](const Run& run, const Manifest& then, const Manifest& now) {
    if (key_of_optimisation(then, left_out) != key_of_optimisation(now, left_out)) return true;
    const auto count = [&](const Manifest& manifest) -> std::optional<int64_t> {
      const auto option = manifest.options.find(left_out);
      return option == manifest.options.end() ? std::nullopt : parse_integer(option->second);
    };
    if (count(now) < count(then)) return true;
    return !std::filesystem::exists(run.checkpoint(now.stage, /*key=*/"").path);
  };
}

void write_learned_set(Run& run, const StageFile& file, SyntheticSet set,
                       std::map<std::string, std::string> entries) {
  const Recipe recipe = recipe_for(run, set);
  run.observer().info(fmt::format("{}: pre-train on the set with {}", file.stage, recipe.text()));
  if (run.config().pretrain.searches()) {
    run.observer().info(fmt::format("{}: representation loss {:.4f} on the validation images",
                                    file.stage, recipe.validation_loss));
  }
  entries.merge(run_provenance(run));
  set.recipe = run.config().pretrain.carried(recipe);
  set.provenance = std::move(entries);
  write_synthetic_set(run.path(file), set);
}

}  // namespace mkdt
