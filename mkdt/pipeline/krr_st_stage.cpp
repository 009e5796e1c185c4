#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "mkdt/baseline/krr_st.h"
#include "mkdt/pipeline/learned_set.h"
#include "mkdt/pipeline/report_files.h"
#include "mkdt/pipeline/set_pictures.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/stages.h"
#include "mkdt/pipeline/subset_files.h"

namespace mkdt {
namespace {

constexpr const char* kKrrStStart = "random";  // as published

// The recipe that the file carries comes from [pretrain].
Entries krr_st_options(const Config& config) {
  Entries entries = options_of(config, {"data", "krr_st", "pretrain"});
  entries.erase("krr_st.checkpoint_every");
  entries.merge(config.student());
  return entries;
}

std::map<std::string, std::string> krr_st_provenance(const std::vector<double>& losses) {
  std::map<std::string, std::string> entries = {
      {"method", "krr-st"}, {"start", kKrrStStart}, {"iterations", std::to_string(losses.size())}};
  if (!losses.empty()) entries["last_loss"] = fmt::format("{:.6g}", losses.back());
  return entries;
}

void krr_st_work(Run& run, const Manifest& manifest) {
  // 1. Optimise images and targets.
  const SyntheticSet start = starting_set(run, kKrrStStart);
  write_start(run, "krr-st", start);
  const KrrSt problem = {run.student(),
                         run.images(Part::kTrain),
                         run.targets(Part::kTrain),
                         run.config().krr_st,
                         run.seed(),
                         run.device(),
                         run.checkpoint("krr-st", key_of_optimisation(manifest),
                                        run.config().krr_st.checkpoint_every)};
  const KrrStState state = krr_st(problem, start.images, start.targets, run.observer());
  // There is no learned rate.
  const SyntheticSet set = {
      state.images, state.targets, /*syn_lr=*/0, run.images(Part::kTrain).normalisation, {}};

  // 2. Find out how to train on them, and keep both, and pictures of them.
  write_learned_set(run, "krr-st", "krr-st.safetensors", set, krr_st_provenance(state.losses));
  write_set_pictures(
      run.folder() / "krr-st", start.images, set,
      {"loss.svg", "Kernel ridge regression (KRR-ST)", "step", "loss", state.losses});
}

}  // namespace

Stage krr_st_stage() {
  Stage stage;
  stage.name = "krr-st";
  stage.purpose = "Optimise the baseline KRR-ST's synthetic set by kernel ridge regression.";
  stage.inputs = {"embed", "subset"};
  stage.reads = reads_subset(kKrrStStart);
  stage.options = krr_st_options;
  stage.sources = [](Run& run) { return Entries{{"data", run.source()}}; };
  stage.work = krr_st_work;
  stage.trial = krr_st_trial;
  stage.batch_option = "krr_st.batch";
  stage.resumes = true;
  stage.loses = loses_optimisation();
  return stage;
}

}  // namespace mkdt
