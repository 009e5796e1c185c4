#include "mkdt/compare/comparison.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/nn/encoder.h"
#include "mkdt/publish/results.h"
#include "mkdt/stages/comparison_data.h"
#include "mkdt/stages/stages.h"

namespace mkdt {
namespace {

Entries probe_options(const Config& config) {
  Entries entries = options_of(config, {"data", "evaluate"});
  for (const char* key : {"evaluate.methods", "evaluate.encoders"}) {
    entries.erase(key);
  }
  return entries;
}

void probe_work(Run& run, const Manifest& /*manifest*/) {
  const Encoder encoder = read_encoder(run.path(kEncoderFile));
  ComparisonInputs inputs = comparison_inputs(run);
  inputs.encoders = {named_network(encoder.network)};
  Candidate candidate;
  candidate.method = name_of(kOwnMethod);
  candidate.theta = encoder.theta.to(run.device());
  inputs.candidates = {candidate};
  ComparisonStore store;
  const auto rows = compare(inputs, run.config().evaluate, run.config().pretrain, run.seed(), store,
                            run.observer());
  write_results(run.folder() / kProbeStage, rows, results_context(run));
}

}  // namespace

Stage probe_stage() {
  Stage stage;
  stage.name = kProbeStage;
  stage.purpose = "Probe that encoder on every downstream set with few labels.";
  stage.inputs = {kEmbedStage, kPretrainStage};
  stage.options = probe_options;
  stage.sources = evaluation_sources;
  stage.work = probe_work;
  stage.trial = probe_trial;
  stage.batch_option = "experts.width";
  return stage;
}

}  // namespace mkdt
