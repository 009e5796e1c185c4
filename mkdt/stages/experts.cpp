#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "mkdt/base/units.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/expert/distilled_expert.h"
#include "mkdt/stages/learned_set.h"
#include "mkdt/stages/stages.h"
#include "mkdt/stages/trial.h"

namespace mkdt {

namespace {

// Returns the experts' training, with these options for [experts].
ExpertTraining training_of(Run& run, const NetworkPtr& student, const torch::Tensor& targets,
                           const ExpertOptions& options) {
  return {student,     run.images(Part::kTrain),
          targets,     run.config().expert_epochs(),
          options,     run.seed(),
          run.device()};
}

}  // namespace

StageTrial experts_trial(Run& run, const StageNames& unfinished) {
  const ExpertOptions& options = run.config().experts;
  const NetworkPtr network = expected_student(run, unfinished);
  const int64_t images = run.images(Part::kTrain).size();
  const int64_t epochs = run.config().expert_epochs();
  StageStep step;
  step.name = "training step of an expert";
  step.option = "experts.batch";
  step.batch = std::min(options.batch, images);
  step.count =
      static_cast<double>(options.count * epochs * images) / static_cast<double>(step.batch);
  step.run = [&run, network, unfinished](int64_t batch, int64_t steps) {
    const torch::Tensor targets = expected_targets(run, Part::kTrain, unfinished);
    ExpertOptions tried = run.config().experts;
    tried.batch = batch;
    tried.lr = kSafeRate;
    return seconds_of_training(distilled_experts(training_of(run, network, targets, tried)), steps);
  };

  StageTrial trial;
  trial.steps.push_back(step);
  const int64_t number = options.dtype == "bfloat16" ? 2 : 4;  // bytes
  const int64_t trajectory = (epochs + 1) * network->layout().size() * number;
  trial.held_memory = 2 * trajectory;  // its epochs, and the matrix of them
  trial.disk = options.count * trajectory + disk_of_recording(trajectory, network->layout().size());
  trial.disk_option = "experts.count";
  return trial;
}

namespace {

// Returns the options that the stage depends on; the number of experts does not change any one of
// them.
Entries experts_options(const Config& config) {
  Entries entries = options_of(config, {"data", "experts"});
  entries["experts.epochs"] = std::to_string(config.expert_epochs());
  return entries;
}

std::string key_of_each(Manifest manifest) {
  manifest.options.erase("experts.count");
  return manifest.key();
}

bool loses_experts(const Run& /*run*/, const Manifest& then, const Manifest& now) {
  if (key_of_each(then) != key_of_each(now)) return true;
  const auto count = [](const Manifest& manifest) {
    const auto option = manifest.options.find("experts.count");
    return option == manifest.options.end() ? std::nullopt : parse_integer(option->second);
  };
  return count(now) < count(then);
}

bool remakes_experts(const std::string& /*file*/, const std::set<std::string>& changed) {
  return changed != std::set<std::string>{"experts.count"};
}

// Removes trajectories beyond the number wanted, which an earlier configuration left.
void remove_surplus(const TrajectoryStore& store) {
  for (int64_t index = store.count(); std::filesystem::remove(store.path(index)); ++index) {
  }
}

void experts_work(Run& run, const Manifest& manifest) {
  const ExpertOptions& options = run.config().experts;
  const torch::Tensor targets = run.targets(Part::kTrain);
  const ExpertTraining training = training_of(run, run.student(), targets, options);
  const TrajectoryStore store(run.folder() / kExpertsStage, options.count);
  record_experts(distilled_experts(training), store, key_of_each(manifest),
                 run.config().runtime.checkpoint_minutes, run.observer());
  remove_surplus(store);
}

}  // namespace

Stage experts_stage() {
  Stage stage;
  stage.name = kExpertsStage;
  stage.purpose = "Record the training of students that regress the representations.";
  stage.inputs = {kEmbedStage};
  stage.options = experts_options;
  stage.sources = [](Run& run) { return Entries{{"data", run.source()}}; };
  stage.work = experts_work;
  stage.trial = experts_trial;
  stage.batch_option = "experts.batch";
  stage.resumes = true;
  stage.loses = loses_experts;
  stage.remakes = remakes_experts;
  return stage;
}

}  // namespace mkdt
