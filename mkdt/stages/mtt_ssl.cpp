#include "mkdt/baseline/mtt_ssl.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "mkdt/base/random.h"
#include "mkdt/baseline/ssl_student.h"
#include "mkdt/compare/methods.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/distill/subset.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/distill/trajectory_task.h"
#include "mkdt/run/report_files.h"
#include "mkdt/stages/learned_set.h"
#include "mkdt/stages/stages.h"
#include "mkdt/stages/subset.h"
#include "mkdt/stages/trial.h"

namespace mkdt {
namespace {

// Returns the problem of MTT-SSL, with these options for [mtt_ssl].
MttSsl mtt_ssl_of(Run& run, const NetworkPtr& network, const MttSslOptions& options) {
  return {network,      run.images(Part::kTrain),    options,           run.seed(),
          run.device(), run.folder() / kMttSslStage, /*expert_key=*/"", /*checkpoint=*/{}};
}

StageStep expert_step_of(Run& run, const NetworkPtr& network) {
  const MttSslOptions& options = run.config().mtt_ssl;
  const int64_t images = run.images(Part::kTrain).size();
  const int64_t epoch = std::max<int64_t>(1, images / options.train_batch);
  StageStep step;
  step.name = "training step of an expert";
  step.option = "mtt_ssl.train_batch";
  step.batch = std::min(options.train_batch, images);
  step.count = static_cast<double>(options.experts * options.matching.readable_epochs() * epoch);
  step.least_batch = 2;
  step.run = [&run, network](int64_t batch, int64_t steps) {
    MttSslOptions tried = run.config().mtt_ssl;
    tried.train_batch = batch;
    tried.train_lr = kSafeRate;
    return seconds_of_training(ssl_experts(mtt_ssl_of(run, network, tried)), steps);
  };
  return step;
}

StageStep matching_step_of(Run& run, const NetworkPtr& network) {
  const DistillOptions& options = run.config().mtt_ssl.matching;
  StageStep step;
  step.name = "outer iteration";
  step.option = "mtt_ssl.batch";
  step.batch = std::min(options.batch, set_size(run));
  step.count = static_cast<double>(options.iterations);
  step.least_batch = std::min<int64_t>(2, step.batch);
  step.run = [&run, network](int64_t batch, int64_t steps) {
    MttSslOptions tried = run.config().mtt_ssl;
    tried.matching.batch = batch;
    const MttSsl mtt = mtt_ssl_of(run, network, tried);
    const auto student = std::make_shared<const SslStudent>(network, tried.ssl());
    return seconds_of_iterations(run, ssl_distillation(mtt, student, stand_in_tasks(run, *student)),
                                 /*outputs=*/0, steps);
  };
  return step;
}

}  // namespace

StageTrial mtt_ssl_trial(Run& run, const StageNames& unfinished) {
  const MttSslOptions& options = run.config().mtt_ssl;
  const NetworkPtr network = expected_student(run, unfinished);
  const auto student = std::make_shared<const SslStudent>(network, options.ssl());
  StageTrial trial;
  trial.steps = {expert_step_of(run, network), matching_step_of(run, network)};
  add_learned_set(run, /*outputs=*/0, options.matching.iterations, trial);
  const int64_t trajectory =
      (options.matching.readable_epochs() + 1) * student->layout().size() * 4;
  trial.held_memory += 2 * trajectory;
  trial.disk +=
      options.experts * trajectory + disk_of_recording(trajectory, student->layout().size());
  trial.disk_option = "mtt_ssl.experts";
  return trial;
}

namespace {

// Without a teacher there is no loss by which to choose other images.
constexpr const char* kMttSslStart = kRandomSubset;

Entries mtt_ssl_options(const Config& config) {
  Entries entries = options_of(config, {"data", "mtt_ssl"});
  entries.erase("mtt_ssl.checkpoint_every");
  entries.merge(config.student());
  return entries;
}

// Experts depend neither on the subset, nor on how they are matched, nor on how many there are.
std::string key_of_each_expert(Manifest manifest, const Network& network,
                               const MttSslOptions& options) {
  OptionTable table;
  OptionSection section = table.section("mtt_ssl");
  DistillOptions().declare_matching(section);
  for (const Option& option : table.options()) manifest.options.erase(option.key());
  manifest.options.erase("mtt_ssl.experts");
  manifest.options["epochs"] = std::to_string(options.matching.readable_epochs());
  manifest.options["outputs"] = std::to_string(network.output_dim());
  manifest.inputs = {{"data", manifest.inputs.at("data")}};
  return manifest.key();
}

std::map<std::string, std::string> mtt_ssl_provenance(Run& run, const std::vector<double>& losses) {
  std::map<std::string, std::string> entries = run_provenance(run);
  entries["method"] = name_of(Method::kMttSsl);
  entries["start"] = kMttSslStart;
  entries["iterations"] = std::to_string(run.config().mtt_ssl.matching.iterations);
  if (!losses.empty()) entries["last_outer_loss"] = fmt::format("{:.6g}", losses.back());
  return entries;
}

void mtt_ssl_work(Run& run, const Manifest& manifest) {
  // 1. Optimise images and learning rate; there are no targets.
  const ImageSet& images = run.images(Part::kTrain);
  const torch::Tensor rows = read_subset(run, kMttSslStart);
  const SyntheticSet start = {images.normalised(rows, run.device()),
                              torch::zeros({rows.size(0), 0}),
                              /*syn_lr=*/0,
                              images.normalisation,
                              {}};
  write_start(run, kMttSslStage, start);
  const MttSslOptions& options = run.config().mtt_ssl;
  const NetworkPtr network = run.student();
  MttSsl mtt = mtt_ssl_of(run, network, options);
  mtt.expert_key = key_of_each_expert(manifest, *network, options);
  mtt.checkpoint = run.checkpoint(kMttSslStage, key_of_optimisation(manifest, "mtt_ssl.iterations"),
                                  options.matching.checkpoint_every);
  LearnedSet learned = mtt_ssl(mtt, start, run.observer());

  // 2. Keep them, and pictures of them.
  learned.set.provenance = mtt_ssl_provenance(run, learned.losses);
  write_synthetic_set(run.path(kMttSslSet), learned.set);
  write_set_pictures(run.folder() / kMttSslStage, start.images, learned.set,
                     {"matching_loss.svg", "Matching of self-supervised trajectories (MTT-SSL)",
                      "iteration", "matching loss", learned.losses});
}

}  // namespace

Stage mtt_ssl_stage() {
  Stage stage;
  stage.name = kMttSslStage;
  stage.purpose =
      "Optimise a synthetic set by matching trajectories of self-supervised students: the "
      "comparison's negative control.";
  stage.inputs = {kSubsetStage};
  stage.reads = reads_subset(kMttSslStart);
  stage.options = mtt_ssl_options;
  stage.sources = [](Run& run) { return Entries{{"data", run.source()}}; };
  stage.work = mtt_ssl_work;
  stage.trial = mtt_ssl_trial;
  stage.batch_option = "mtt_ssl.batch";
  stage.resumes = true;
  stage.loses = loses_optimisation("mtt_ssl.iterations");
  return stage;
}

}  // namespace mkdt
