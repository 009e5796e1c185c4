#include <set>

#include <fmt/format.h>

#include "mkdt/eval/comparison.h"
#include "mkdt/pipeline/comparison_files.h"
#include "mkdt/pipeline/comparison_methods.h"
#include "mkdt/pipeline/run_comparison.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/stages.h"
#include "mkdt/report/results.h"

namespace mkdt {
namespace {

Entries evaluate_options(const Config& config) {
  Entries entries = options_of(config, {"data", "pretrain", "evaluate"});
  entries.merge(config.student());
  // How self-supervised methods pre-train; how the set of MTT-SSL is made is that stage's concern.
  if (config.evaluate.includes("ssl") || config.evaluate.includes("mtt-ssl")) {
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
  ComparisonFiles files(run.folder() / "evaluate", run.observer(), results_context(run), grid);
  const auto rows = compare(inputs, run.config().evaluate, run.config().pretrain, run.seed(), files,
                            run.observer());
  files.drop_encoders();
  write_results(run.folder() / "evaluate", rows, results_context(run), grid);
  write_curves(run.folder() / "evaluate", files.curves(keys_of(inputs, run)));
}

// The stages that make what the methods train on.
std::vector<std::string> inputs_of(const EvaluateOptions& options) {
  std::set<std::string> inputs = {"embed"};
  for (const std::string& method : options.methods) inputs.insert(stage_behind(method));
  return {inputs.begin(), inputs.end()};
}

}  // namespace

Stage evaluate_stage(const Config& config) {
  Stage stage;
  stage.name = "evaluate";
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
