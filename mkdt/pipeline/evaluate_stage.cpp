#include "mkdt/distill/synthetic_set.h"
#include "mkdt/eval/regression_set.h"
#include "mkdt/pipeline/comparison_inputs.h"
#include "mkdt/pipeline/run_teacher.h"
#include "mkdt/pipeline/stages.h"
#include "mkdt/pipeline/subset_files.h"
#include "mkdt/report/results.h"
#include "mkdt/ssl/target_processing.h"

namespace mkdt {
namespace {

Entries options(const Config& config) {
  Entries entries = options_of(config, {"data", "pretrain", "evaluate"});
  entries.merge(config.student());
  return entries;
}

Candidate real_subset(Run& run, const std::string& kind) {
  const torch::Tensor rows = read_subset(run, kind);
  Candidate candidate;
  candidate.method = kind;
  candidate.training = regression_set(
      run.images(Part::kTrain).normalised(rows, run.device()),
      run.targets(Part::kTrain).index_select(0, rows.to(run.device())), run.device());
  return candidate;
}

Candidate distilled_set(Run& run) {
  const SyntheticSet set = read_synthetic_set(run.path("distill", "distilled.safetensors"));
  Candidate candidate;
  candidate.method = "distilled";
  candidate.training = regression_set(set.images, set.targets, run.device());
  candidate.syn_lr = set.syn_lr;
  return candidate;
}

Candidate all_images(Run& run) {
  Candidate candidate;
  candidate.method = "full";
  candidate.training =
      regression_set(run.images(Part::kTrain), run.targets(Part::kTrain), run.device());
  return candidate;
}

// Given representations are there for the images of [data] only.
Candidate teacher(Run& run, const std::vector<DownstreamSet>& sets) {
  const std::optional<ImageEncoder> encoder = run_teacher(run);
  const auto features_of = [&](const ImageSet& images) {
    const torch::Tensor raw =
        embed(*encoder, images, run.config().teacher.embed_batch, run.observer());
    return read_processing(run.path("embed", "processing.safetensors"), encoder->dim).apply(raw);
  };
  Candidate candidate;
  candidate.method = "teacher";
  candidate.features_encoder = run.config().teacher.outside.given()
                                   ? "given"
                                   : run.config().teacher.training.backbone.architecture;
  candidate.features.emplace();
  for (size_t i = 0; i < sets.size(); ++i) {
    SplitFeatures features;
    const bool main_set = i == 0 && run.images(Part::kTrain).labelled();
    if (main_set && run.has_representations(Part::kTest)) {
      features = {run.representations(Part::kTrain).values,
                  run.representations(Part::kTest).values};
    } else if (encoder) {
      features = {features_of(sets[i].train), features_of(sets[i].test)};
    }
    candidate.features->push_back(features);
  }
  return candidate;
}

Candidate candidate(Run& run, const std::string& method, const std::vector<DownstreamSet>& sets) {
  if (method == "random" || method == "high-loss") return real_subset(run, method);
  if (method == "distilled") return distilled_set(run);
  if (method == "full") return all_images(run);
  if (method == "teacher") return teacher(run, sets);
  Candidate untrained;
  untrained.method = method;
  return untrained;
}

void work(Run& run, const Manifest& /*manifest*/) {
  ComparisonInputs inputs = comparison_inputs(run, run.encoder());
  for (const std::string& method : run.config().evaluate.methods) {
    inputs.candidates.push_back(candidate(run, method, inputs.downstream));
  }
  const auto rows =
      compare(inputs, run.config().evaluate, run.config().pretrain, run.seed(), run.observer());
  write_results(run.folder() / "evaluate", rows, results_context(run));
}

}  // namespace

Stage evaluate_stage() {
  Stage stage;
  stage.name = "evaluate";
  stage.purpose = "Compare the synthetic set with the other methods on every downstream set.";
  stage.inputs = {"embed", "subset", "distill"};
  stage.options = options;
  stage.sources = evaluation_sources;
  stage.work = work;
  return stage;
}

}  // namespace mkdt
