#include "mkdt/report/run_sets.h"

#include <optional>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/compare/methods.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/publish/dataset/set_provenance.h"
#include "mkdt/run/manifest.h"
#include "mkdt/run/report_files.h"
#include "mkdt/run/run_log.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

torch::Tensor pixels_of(const SyntheticSet& set) { return set.normalisation.invert(set.images); }

Facts facts_of(const SyntheticSet& set) {
  Facts facts;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) facts.emplace_back(name, value);
  };
  if (set.syn_lr > 0) add("learned rate α", fmt::format("{:.4g}", set.syn_lr));
  add("started from", set_entry(set, "start"));
  add("iterations", set_entry(set, "iterations"));
  add("objective", set_entry(set, "objective"));
  if (!set.recipe) return facts;
  const TrainingOptions& training = set.recipe->training;
  add("recipe", fmt::format("rate {}, {} steps of {} images, momentum {}, weight decay {}",
                            training.sgd.lr, set.recipe->steps, training.batch,
                            training.sgd.momentum, training.sgd.weight_decay));
  if (set.recipe->validation_loss) {
    add("representation loss on validation images",
        validation_loss_text(*set.recipe->validation_loss));
  }
  return facts;
}

void add_classes(ReportedSet& set, const ClassMeans& classes) {
  if (!set.targets.defined() || set.targets.size(1) != classes.means.size(1)) return;
  if (classes.means.size(0) == 0) return;
  set.class_names = classes.names;
  set.nearest_class = torch::cdist(set.targets, classes.means).argmin(1);
}

// Throws Error unless the images can be shown, grey or in colour; drops starts and targets that do
// not fit them.
void check(ReportedSet& set, const std::string& origin) {
  const int64_t channels = set.after.size(1);
  if ((channels != 1 && channels != 3) || set.after.numel() == 0) {
    throw Error(fmt::format("{}: images of {} channels cannot be shown", origin, channels));
  }
  if (set.before.defined() && set.before.sizes() != set.after.sizes()) set.before = torch::Tensor();
  if (set.targets.defined() && set.targets.size(0) != set.after.size(0))
    set.targets = torch::Tensor();
}

std::optional<ReportedSet> read_set(const fs::path& folder, Method method) {
  const MethodSet& of = entry_of(method).set;
  const std::string stage(of.stage);
  const fs::path file = folder / stage / of.file;
  const fs::path start = start_file(folder, stage);
  ReportedSet set;
  set.name = name_of(method);
  set.title = set.name;
  const bool done = read_manifest(folder / stage / kManifestFile).has_value();
  if (const auto live = done ? std::nullopt : read_live_images(folder, std::string(of.live))) {
    set.live = true;
    set.title += fmt::format(", after iteration {}", live->step);
    set.after = live->pixels;
  } else if (fs::exists(file)) {
    const SyntheticSet made = read_synthetic_set(file);
    set.after = pixels_of(made);
    set.targets = made.targets;
    set.facts = facts_of(made);
  } else {
    return std::nullopt;
  }
  if (fs::exists(start)) {
    const SyntheticSet before = read_synthetic_set(start);
    set.before = pixels_of(before);
    if (!set.targets.defined()) set.targets = before.targets;
  }
  check(set, file.string());
  return set;
}

}  // namespace

std::vector<ReportedSet> read_run_sets(const fs::path& run_folder,
                                       std::vector<std::string>& notes) {
  std::optional<ClassMeans> classes;
  try {
    classes = read_class_means(run_folder);
  } catch (const Error& error) {
    notes.emplace_back(error.what());
  }
  std::vector<ReportedSet> sets;
  for (const Method method : learned_sets()) {
    try {
      std::optional<ReportedSet> set = read_set(run_folder, method);
      if (!set) continue;
      if (classes) add_classes(*set, *classes);
      sets.push_back(std::move(*set));
    } catch (const Error& error) {
      notes.emplace_back(error.what());
    }
  }
  return sets;
}

}  // namespace mkdt
