#include "mkdt/baseline/krr_st.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mkdt/base/random.h"
#include "mkdt/compare/methods.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/distill/subset.h"
#include "mkdt/run/report_files.h"
#include "mkdt/stages/learned_set.h"
#include "mkdt/stages/stages.h"
#include "mkdt/stages/subset.h"
#include "mkdt/stages/trial.h"

namespace mkdt {
namespace {

// Returns the problem of KRR-ST, with these options for [krr_st].
KrrSt krr_st_of(Run& run, const NetworkPtr& student, torch::Tensor targets,
                const KrrStOptions& options) {
  return {student,      run.images(Part::kTrain), std::move(targets), options, run.seed(),
          run.device(), /*checkpoint=*/{}};
}

KrrStState stand_in_state(Run& run, int64_t outputs) {
  const DistillState set = stand_in_set(run, outputs);
  KrrStState state;
  state.images = set.images;
  state.targets = set.targets;
  return state;
}

PoolStudent stand_in_student(const Run& run, const Network& student) {
  PoolStudent fresh;
  fresh.student.theta = initial_encoder(student, /*seed=*/0, run.device());
  return fresh;
}

StageStep gradient_step(Run& run, const NetworkPtr& student, const StageNames& unfinished) {
  const KrrStOptions& options = run.config().krr_st;
  StageStep step;
  step.name = "gradient";
  step.option = "krr_st.batch";
  step.batch = std::min(options.batch, run.images(Part::kTrain).size());
  step.count = static_cast<double>(options.steps);
  step.run = [&run, student, unfinished](int64_t batch, int64_t steps) {
    KrrStOptions tried = run.config().krr_st;
    tried.batch = batch;
    const KrrSt problem =
        krr_st_of(run, student, expected_targets(run, Part::kTrain, unfinished), tried);
    const KrrStStep own(problem);
    const KrrStState start = stand_in_state(run, student->output_dim());
    const PoolStudent features = stand_in_student(run, *student);
    at::Generator generator = make_generator(run.seed(), "plan");
    return seconds_of(steps, run.device(), [&] {
      KrrStState state = start;
      own.update(state, own.gradient(state, features, generator));
    });
  };
  return step;
}

StageStep student_step(Run& run, const NetworkPtr& student, double count) {
  StageStep step;
  step.name = "training step of a student";
  step.option = "subset.size";
  step.batch = set_size(run);
  step.count = count;
  step.run = [&run, student](int64_t batch, int64_t steps) {
    KrrStOptions tried = run.config().krr_st;
    tried.student_lr = kSafeRate;
    const KrrSt problem = krr_st_of(run, student, /*targets=*/{}, tried);
    KrrStStep own(problem);
    KrrStState state = stand_in_state(run, student->output_dim());
    state.images = state.images.slice(0, 0, batch);
    state.targets = state.targets.slice(0, 0, batch);
    PoolStudent trained = stand_in_student(run, *student);
    return seconds_of(steps, run.device(), [&] { own.train(trained, state); });
  };
  return step;
}

}  // namespace

StageTrial krr_st_trial(Run& run, const StageNames& unfinished) {
  const KrrStOptions& options = run.config().krr_st;
  const NetworkPtr student = expected_student(run, unfinished);
  // Students of the pool start at random ages below the one at which they are initialised again.
  const auto life = static_cast<double>(options.reinitialise_after);
  const double ages = static_cast<double>(options.pool) * std::max(life - 1, 0.0) / 2;

  StageTrial trial;
  trial.steps.push_back(gradient_step(run, student, unfinished));
  trial.steps.push_back(student_step(run, student, static_cast<double>(options.steps) + ages));
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
  std::map<std::string, std::string> entries = {{"method", name_of(Method::kKrrSt)},
                                                {"start", kKrrStStart},
                                                {"iterations", std::to_string(losses.size())}};
  if (!losses.empty()) entries["last_loss"] = fmt::format("{:.6g}", losses.back());
  return entries;
}

void krr_st_work(Run& run, const Manifest& manifest) {
  // 1. Optimise images and targets.
  const SyntheticSet start = starting_set(run, kKrrStStart);
  write_start(run, kKrrStStage, start);
  KrrSt problem = krr_st_of(run, run.student(), run.targets(Part::kTrain), run.config().krr_st);
  problem.checkpoint = run.checkpoint(kKrrStStage, key_of_optimisation(manifest),
                                      run.config().krr_st.checkpoint_every);
  const LearnedSet learned = krr_st(problem, start, run.observer());

  // 2. Find out how to train on them, and keep both, and pictures of them.
  write_learned_set(run, kKrrStSet, learned.set, krr_st_provenance(learned.losses));
  write_set_pictures(
      run.folder() / kKrrStStage, start.images, learned.set,
      {"loss.svg", "Kernel ridge regression (KRR-ST)", "step", "loss", learned.losses});
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
