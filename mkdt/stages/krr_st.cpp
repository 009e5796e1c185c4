#include "mkdt/baseline/krr_st.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "mkdt/distill/subset.h"
#include "mkdt/run/report_files.h"
#include "mkdt/run/stage_files.h"
#include "mkdt/stages/learned_set.h"
#include "mkdt/stages/stages.h"
#include "mkdt/stages/subset.h"
#include "mkdt/stages/trial.h"

namespace mkdt {
namespace {

Seconds differentiate(Run& run, const Network& student, int64_t batch, int64_t steps) {
  const ImageSet& train = run.images(Part::kTrain);
  const auto targets = [&](int64_t rows) {
    return stand_in({rows, student.output_dim()}, run.device());
  };
  const torch::Tensor theta = initial_encoder(student, /*seed=*/0, run.device());
  const torch::Tensor images = some_images(train, set_size(run)).normalised(run.device());
  const ImageSet real = some_images(train, batch);
  const torch::Tensor own = targets(images.size(0)), given = targets(batch);
  return seconds_of(steps, run.device(), [&] {
    krr_st_gradient(student, theta, images, own, real.normalised(run.device()), given,
                    run.config().krr_st.ridge);
  });
}

}  // namespace

StageTrial krr_st_trial(Run& run, const StageNames& unfinished) {
  const KrrStOptions& options = run.config().krr_st;
  const NetworkPtr student = expected_student(run, unfinished);
  StageStep step;
  step.name = "gradient";
  step.option = "krr_st.batch";
  step.batch = std::min(options.batch, run.images(Part::kTrain).size());
  step.count = static_cast<double>(options.steps);
  step.run = [&run, student](int64_t batch, int64_t steps) {
    return differentiate(run, *student, batch, steps);
  };
  // Students of the pool start at random ages below the one at which they start anew.
  const auto life = static_cast<double>(options.reinitialise_after);
  const double ages = static_cast<double>(options.pool) * std::max(life - 1, 0.0) / 2;

  StageTrial trial;
  trial.steps.push_back(step);
  trial.steps.push_back(
      regression_step(run, student, "subset.size", set_size(run), step.count + ages));
  add_learned_set(run, student->output_dim(), options.steps, trial);
  constexpr int64_t kFilesAtOnce = 3, kNumbers = 2;  // parameters and velocities
  const int64_t pool = options.pool * student->layout().size() * kNumbers * 4;
  trial.held_memory += 2 * pool;  // as it is, and as a checkpoint has it
  trial.disk += kFilesAtOnce * pool;
  add_recipe_search(run, student, trial);
  return trial;
}

namespace {

constexpr const char* kKrrStStart = kRandomSubset;  // as published

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
  write_start(run, kKrrStStage, start);
  const KrrSt problem = {run.student(),
                         run.images(Part::kTrain),
                         run.targets(Part::kTrain),
                         run.config().krr_st,
                         run.seed(),
                         run.device(),
                         run.checkpoint(kKrrStStage, key_of_optimisation(manifest),
                                        run.config().krr_st.checkpoint_every)};
  const KrrStState state = krr_st(problem, start.images, start.targets, run.observer());
  // There is no learned rate.
  const SyntheticSet set = {
      state.images, state.targets, /*syn_lr=*/0, run.images(Part::kTrain).normalisation, {}};

  // 2. Find out how to train on them, and keep both, and pictures of them.
  write_learned_set(run, kKrrStSet, set, krr_st_provenance(state.losses));
  write_set_pictures(
      run.folder() / kKrrStStage, start.images, set,
      {"loss.svg", "Kernel ridge regression (KRR-ST)", "step", "loss", state.losses});
}

}  // namespace

Stage krr_st_stage() {
  Stage stage;
  stage.name = kKrrStStage;
  stage.purpose = "Optimise the baseline KRR-ST's synthetic set by kernel ridge regression.";
  stage.inputs = {kEmbedStage, kSubsetStage};
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
