#include "mkdt/pipeline/comparison_rehearsal.h"

#include <functional>

#include "mkdt/baseline/ssl_pretrain.h"
#include "mkdt/eval/regression_set.h"
#include "mkdt/pipeline/comparison_methods.h"
#include "mkdt/pipeline/run_comparison.h"
#include "mkdt/pipeline/trial_inputs.h"

namespace mkdt {
namespace {

SslSource stand_in_source(Run& run, const std::string& method) {
  const ImageSet& images = run.images(Part::kTrain);
  if (method == "ssl") return ssl_source(images, run.device());
  const torch::Tensor some = torch::arange(run.config().subset.count(images.size()), torch::kLong);
  return ssl_source(images.normalised(some, run.device()), images.normalisation, run.device());
}

Candidate stand_in_candidate(Run& run, const std::string& method, const ComparisonInputs& inputs) {
  Candidate candidate;
  if (method == "teacher") {
    candidate.features_encoder = "teacher";
    candidate.features.emplace();
    const bool encodes = run.config().teacher.outside.representations.empty();
    for (size_t i = 0; i < inputs.downstream.size(); ++i) {
      const bool there = encodes || (i == 0 && run.images(Part::kTrain).labelled());
      candidate.features->push_back(there ? [] { return SplitFeatures(); }
                                          : std::function<SplitFeatures()>());
    }
  } else if (method == "ssl" || method == "mtt-ssl") {
    candidate.pretraining =
        ssl_pretraining(stand_in_source(run, method), run.config().mtt_ssl.ssl());
  } else if (method != "none") {
    RegressionSet set = inputs.training;
    if (method != "full") {
      set.targets = set.targets.slice(0, 0, run.config().subset.count(set.size()));
    }
    candidate.pretraining = regression_pretraining(set);
  }
  candidate.method = method;
  return candidate;
}

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
  return unfinished.count("embed") != 0 ? stand_in_inputs(run, unfinished) : comparison_inputs(run);
}

ComparisonInputs rehearsal(Run& run, const StageNames& unfinished) {
  const auto missing = [&](const std::string& stage) { return unfinished.count(stage) != 0; };
  ComparisonInputs inputs = expected_comparison_inputs(run, unfinished);
  inputs.encoders = comparison_encoders(run, inputs.test.targets.size(1));
  for (const std::string& method : run.config().evaluate.methods) {
    const bool real = !missing("embed") && !missing(stage_behind(method));
    inputs.candidates.push_back(real ? comparison_method(run, method, inputs.downstream)
                                     : stand_in_candidate(run, method, inputs));
  }
  return inputs;
}

}  // namespace mkdt
