#include "mkdt/stages/evaluate.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mkdt/compare/comparison.h"
#include "mkdt/compare/comparison_cost.h"
#include "mkdt/compare/comparison_plan.h"
#include "mkdt/compare/methods.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/judge/finetune.h"
#include "mkdt/judge/linear_probe.h"
#include "mkdt/publish/results.h"
#include "mkdt/stages/comparison_data.h"
#include "mkdt/stages/comparison_files.h"
#include "mkdt/stages/comparison_methods.h"
#include "mkdt/stages/stages.h"
#include "mkdt/stages/trial.h"

namespace mkdt {
namespace {

ComparisonInputs stand_in_inputs(Run& run, const StageNames& unfinished) {
  const auto regression = [&](Part part) {
    return regression_set(run.images(part), expected_targets(run, part, unfinished), run.device());
  };
  ComparisonInputs inputs;
  inputs.dataset = run.images(Part::kTrain).name;
  inputs.training = regression(Part::kTrain);
  inputs.validation = regression(Part::kValidation);
  inputs.test = regression(Part::kTest);
  inputs.downstream = downstream_sets(run);
  return inputs;
}

}  // namespace

ComparisonInputs expected_comparison_inputs(Run& run, const StageNames& unfinished) {
  return unfinished.count(kEmbedStage) != 0 ? stand_in_inputs(run, unfinished)
                                            : comparison_inputs(run);
}

ComparisonInputs rehearsal(Run& run, const StageNames& unfinished) {
  const auto missing = [&](const std::string& stage) { return unfinished.count(stage) != 0; };
  ComparisonInputs inputs = expected_comparison_inputs(run, unfinished);
  inputs.encoders = comparison_encoders(run, inputs.test.targets.size(1));
  for (const Method method : run.config().evaluate.compared()) {
    const bool real = !missing(kEmbedStage) && !missing(std::string(entry_of(method).set.stage));
    inputs.candidates.push_back(real ? comparison_method(run, method, inputs.downstream)
                                     : stand_in_method(run, method, inputs));
  }
  return inputs;
}

namespace {

constexpr double kSecondsEach = 0.3;  // seconds for each thing that is timed

// Returns the pre-training, of each kind (with and without targets), that learns from most images.
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

// The numbers of images whose features are held at once: those of the largest budget and the test
// split's.
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
  const PretrainOptions& pretrain = run.config().pretrain;
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
    return measured +
           seconds(ComparisonCost(*inputs, evaluate, run.config().pretrain, kSecondsEach));
  };
  int64_t largest = 0;
  for (const NamedNetwork& encoder : inputs->encoders) {
    largest = std::max(largest, encoder.network->layout().size());
  }
  constexpr int64_t kTables = 8 << 20;  // bytes
  trial.disk = 3 * largest * static_cast<int64_t>(sizeof(float)) + kTables;
  return trial;
}

namespace {

// Adds the teacher's encoding of all sets but the first, whose representations exist.
void add_teacher(Run& run, const StageNames& unfinished, const std::vector<DownstreamSet>& sets,
                 StageTrial& trial) {
  const EvaluateOptions& options = run.config().evaluate;
  if (!options.includes(Method::kTeacher) || sets.size() < 2) return;
  const std::optional<ImageEncoder> encoder = expected_teacher(run, unfinished);
  if (!encoder) return;
  int64_t images = 0;
  for (size_t i = 1; i < sets.size(); ++i) images += sets[i].train.size() + sets[i].test.size();
  trial.steps.push_back(encode_step(run, *encoder, static_cast<double>(images)));
  trial.held_memory += images * expected_dim(run, unfinished) * static_cast<int64_t>(sizeof(float));
}

}  // namespace

StageTrial evaluate_trial(Run& run, const StageNames& unfinished) {
  auto inputs = std::make_shared<const ComparisonInputs>(rehearsal(run, unfinished));
  auto files =
      std::make_shared<const ComparisonFiles>(run.folder() / kEvaluateStage, run.observer());
  StageTrial trial = comparison_trial(run, inputs, std::move(files));
  add_teacher(run, unfinished, inputs->downstream, trial);
  if (run.config().pretrain.searches()) {
    trial.at_most = true;
    trial.notes.push_back(
        "Recipes that are not chosen yet count with all of pretrain.max_steps: evaluate may take "
        "less.");
  }
  return trial;
}

StageTrial probe_trial(Run& run, const StageNames& unfinished) {
  const NetworkPtr student = expected_student(run, unfinished);
  auto inputs = std::make_shared<ComparisonInputs>(expected_comparison_inputs(run, unfinished));
  inputs->encoders = {named_network(student)};
  Candidate candidate;
  candidate.method = name_of(kOwnMethod);
  candidate.theta = initial_encoder(*student, /*seed=*/0, run.device());
  inputs->candidates = {candidate};
  return comparison_trial(run, std::move(inputs), std::make_shared<const ComparisonStore>());
}

namespace {

Entries evaluate_options(const Config& config) {
  Entries entries = options_of(config, {"data", "pretrain", "evaluate"});
  entries.merge(config.student());
  // Only the options by which self-supervised methods pre-train count; how the set of MTT-SSL is
  // made concerns its own stage.
  if (config.evaluate.includes(MethodKind::kSelfSupervised)) {
    const Entries ssl = config.section("mtt_ssl");
    for (const char* key : {"projector_hidden", "projector_output", "lambda"}) {
      entries.insert(*ssl.find(fmt::format("mtt_ssl.{}", key)));
    }
  }
  return entries;
}

std::vector<std::string> keys_of(const ComparisonInputs& inputs, Run& run) {
  std::vector<std::string> keys;
  for (const PlannedEncoding& encoding :
       plan_comparison(inputs, run.config().evaluate, run.config().pretrain, run.seed())) {
    keys.push_back(encoding.curve_key);
  }
  return keys;
}

void evaluate_work(Run& run, const Manifest& /*manifest*/) {
  const ComparisonInputs inputs = full_comparison(run);
  const std::optional<RecipeSearch> grid = run.config().pretrain.grid();
  ComparisonFiles files(run.folder() / kEvaluateStage, run.observer(), results_context(run), grid);
  const auto rows = compare(inputs, run.config().evaluate, run.config().pretrain, run.seed(), files,
                            run.observer());
  files.drop_encoders();
  write_results(run.folder() / kEvaluateStage, rows, results_context(run), grid);
  write_curves(run.folder() / kEvaluateStage, files.curves(keys_of(inputs, run)));
}

// Returns the stages that make what the methods train on.
std::vector<std::string> inputs_of(const EvaluateOptions& options) {
  std::set<std::string> inputs = {kEmbedStage};
  for (const Method method : options.compared()) {
    const std::string stage(entry_of(method).set.stage);
    if (!stage.empty()) inputs.insert(stage);
  }
  return {inputs.begin(), inputs.end()};
}

}  // namespace

Stage evaluate_stage(const Config& config) {
  Stage stage;
  stage.name = kEvaluateStage;
  stage.purpose = "Compare the synthetic set with the other methods on every downstream set.";
  stage.inputs = inputs_of(config.evaluate);
  stage.options = evaluate_options;
  stage.sources = evaluation_sources;
  stage.work = evaluate_work;
  stage.trial = evaluate_trial;
  stage.batch_option = "pretrain.batch";
  stage.resumes = true;
  return stage;
}

}  // namespace mkdt
