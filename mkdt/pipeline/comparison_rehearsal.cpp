#include "mkdt/pipeline/comparison_rehearsal.h"

#include <algorithm>
#include <functional>

#include "mkdt/baseline/ssl_pretrain.h"
#include "mkdt/eval/regression_set.h"
#include "mkdt/pipeline/comparison_methods.h"
#include "mkdt/pipeline/run_comparison.h"

namespace mkdt {
namespace {

constexpr int64_t kUnknownDim = 512;  // a ResNet-18's

int64_t target_dim(Run& run) {
  if (run.has_representations(Part::kTrain)) return run.representations(Part::kTrain).dim();
  const int64_t reduced = run.config().teacher.processing.pca;
  return reduced > 0 ? reduced : kUnknownDim;
}

SslSource stand_in_source(Run& run, const std::string& method) {
  const ImageSet& images = run.images(Part::kTrain);
  if (method == "ssl") return ssl_source(images, run.device());
  const torch::Tensor some = torch::arange(run.config().subset.count(images.size()), torch::kLong);
  return ssl_source(images.normalised(some, run.device()), images.normalisation, run.device());
}

Candidate stand_in(Run& run, const std::string& method, const ComparisonInputs& inputs) {
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

ComparisonInputs stand_in_inputs(Run& run) {
  const int64_t dim = target_dim(run);
  const auto regression = [&](Part part) {
    const ImageSet& images = run.images(part);
    return regression_set(images, torch::randn({images.size(), dim}), run.device());
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

ComparisonInputs rehearsal(Run& run, const std::vector<std::string>& unfinished) {
  const auto missing = [&](const std::string& stage) {
    return std::find(unfinished.begin(), unfinished.end(), stage) != unfinished.end();
  };
  ComparisonInputs inputs = missing("embed") ? stand_in_inputs(run) : comparison_inputs(run);
  inputs.encoders = comparison_encoders(run, inputs.test.targets.size(1));
  for (const std::string& method : run.config().evaluate.methods) {
    const bool real = !missing("embed") && !missing(stage_behind(method));
    inputs.candidates.push_back(real ? comparison_method(run, method, inputs.downstream)
                                     : stand_in(run, method, inputs));
  }
  return inputs;
}

}  // namespace mkdt
