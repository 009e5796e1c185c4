#include "mkdt/pipeline/comparison_trial.h"

#include <algorithm>
#include <utility>

#include "mkdt/eval/comparison_cost.h"
#include "mkdt/eval/comparison_plan.h"
#include "mkdt/eval/comparison_work.h"
#include "mkdt/eval/finetune.h"
#include "mkdt/eval/probe_choice.h"
#include "mkdt/pipeline/trial_inputs.h"
#include "mkdt/pipeline/trial_steps.h"

namespace mkdt {
namespace {

constexpr double kBudget = 0.3;  // seconds for each thing that is timed

// Of the method of each kind (with and without targets) that learns from most images.
std::vector<Pretraining> largest_of_each_kind(const ComparisonInputs& inputs) {
  std::vector<Pretraining> kinds;
  for (const bool regresses : {true, false}) {
    const Pretraining* most = nullptr;
    for (const Candidate& candidate : inputs.candidates) {
      const auto& pretraining = candidate.pretraining;
      if (!pretraining || pretraining->regresses_targets != regresses) continue;
      if (most == nullptr || pretraining->set_size > most->set_size) most = &*pretraining;
    }
    if (most != nullptr) kinds.push_back(*most);
  }
  return kinds;
}

// Images whose features are held at once: those of the largest budget and the test split's.
struct Judged {
  int64_t fitted = 1, asked = 0, classes = 1;
};

Judged largest_set(const ComparisonInputs& inputs, const EvaluateOptions& options) {
  Judged most;
  for (const DownstreamSet& set : inputs.downstream) {
    Judged judged;
    judged.asked = set.test.size();
    judged.classes = std::max<int64_t>(static_cast<int64_t>(set.train.class_names.size()), 1);
    for (const LabelBudget& labels : options.budgets()) {
      const auto part =
          static_cast<int64_t>(labels.fraction * static_cast<double>(set.train.size()));
      const int64_t count = labels.per_class > 0 ? labels.per_class * judged.classes : part;
      judged.fitted = std::clamp(count, judged.fitted, set.train.size());
    }
    if (judged.fitted + judged.asked > most.fitted + most.asked) most = judged;
  }
  return most;
}

StageStep judging_step(Run& run, const NetworkPtr& network, const Judged& judged) {
  StageStep step;
  step.name = "probe";
  step.option = "evaluate.label_fractions";
  step.batch = judged.fitted;
  step.run = [&run, network, judged](int64_t batch, int64_t steps) {
    const int64_t columns = network->feature_dim();
    const LabelledFeatures train = {
        stand_in({batch, columns}, run.device()),
        torch::arange(batch, torch::kLong).remainder(judged.classes).to(run.device())};
    const torch::Tensor asked = stand_in({judged.asked, columns}, run.device());
    return seconds_of(steps, run.device(), [&] {
      const ProbeChoice choice =
          choose_probe(train, {}, judged.classes, {1e-3}, /*iterations=*/1, run.observer());
      probe_scores(choice.probe, asked, run.observer());
    });
  };
  return step;
}

StageStep finetuning_step(Run& run, const NetworkPtr& network, int64_t classes) {
  StageStep step;
  step.name = "fine-tuning step";
  step.option = "evaluate.finetune_batch";
  step.batch = run.config().evaluate.finetune.batch;
  step.run = [&run, network, classes](int64_t batch, int64_t steps) {
    FinetuneOptions options = run.config().evaluate.finetune;
    options.batch = batch;
    options.epochs = 1;
    ImageSet images = some_images(run.images(Part::kTrain), batch);
    images.labels = torch::arange(batch, torch::kLong).remainder(classes);
    const torch::Tensor theta = initial_encoder(*network, /*seed=*/0, run.device());
    return seconds_of(steps, run.device(), [&] {
      finetune(*network, theta, images, torch::arange(batch, torch::kLong), classes, options,
               run.seed(), run.observer());
    });
  };
  return step;
}

}  // namespace

StageTrial comparison_trial(Run& run, std::shared_ptr<const ComparisonInputs> inputs,
                            std::shared_ptr<const ComparisonStore> store) {
  const EvaluateOptions& options = run.config().evaluate;
  const PretrainSection& pretrain = run.config().pretrain;
  const Judged judged = largest_set(*inputs, options);
  const bool finetunes = std::find(options.protocols.begin(), options.protocols.end(),
                                   "finetune") != options.protocols.end();
  StageTrial trial;
  trial.sizes_change = true;
  for (const NamedNetwork& encoder : inputs->encoders) {
    for (const Pretraining& kind : largest_of_each_kind(*inputs)) {
      trial.steps.push_back(pretraining_step(run, encoder.network, kind, "pretrain.batch",
                                             std::min(pretrain.batch, kind.set_size), 0));
    }
    trial.steps.push_back(forward_step(run, encoder.network, 0));
    if (!inputs->downstream.empty()) {
      trial.steps.push_back(judging_step(run, encoder.network, judged));
      if (finetunes) trial.steps.push_back(finetuning_step(run, encoder.network, judged.classes));
    }
  }
  trial.more_seconds = [&run, inputs, store] {
    const EvaluateOptions& evaluate = run.config().evaluate;
    const auto plan = plan_comparison(*inputs, evaluate, run.config().pretrain, run.seed());
    const auto seconds = [&](ComparisonCost cost) {
      return total_seconds(planned_work(plan, *inputs, *store, cost));
    };
    const Stopwatch measuring;  // as briefly as the stage itself does, before it begins
    seconds(ComparisonCost(*inputs, evaluate, run.config().pretrain));
    const double measured = measuring.seconds();
    return measured + seconds(ComparisonCost(*inputs, evaluate, run.config().pretrain, kBudget));
  };
  int64_t largest = 0;
  for (const NamedNetwork& encoder : inputs->encoders) {
    largest = std::max(largest, encoder.network->layout().size());
  }
  constexpr int64_t kTables = 8 << 20;  // bytes
  trial.disk = 3 * largest * static_cast<int64_t>(sizeof(float)) + kTables;
  return trial;
}

}  // namespace mkdt
