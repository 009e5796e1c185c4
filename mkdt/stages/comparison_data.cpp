#include "mkdt/stages/comparison_data.h"

#include <utility>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/text.h"
#include "mkdt/base/version.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/nn/network_spec.h"
#include "mkdt/run/source_fingerprint.h"
#include "mkdt/stages/comparison_methods.h"

namespace mkdt {
namespace {

constexpr const char* kStudent = "student";

NetworkPtr encoder(Run& run, const std::string& spec, int64_t outputs) {
  const ImageSet& images = run.images(Part::kTrain);
  if (spec == kStudent) {
    return run.config().experts.student(images.channels(), images.image_size(), outputs);
  }
  try {
    return make_network_from_spec(spec, images.channels(), images.image_size(), outputs);
  } catch (const Error& error) {
    throw Error(fmt::format("evaluate.encoders: {}", error.what()));
  }
}

}  // namespace

std::vector<DownstreamSet> downstream_sets(Run& run) {
  std::vector<DownstreamSet> sets;
  const auto add = [&](const Dataset& data, const std::string& name) {
    for (const DownstreamSet& other : sets) {
      if (other.name != name) continue;
      throw Error(
          fmt::format("evaluate.datasets: two data sets are called '{}'; give one of "
                      "their folders another name",
                      name));
    }
    sets.push_back({name, data.train, data.validation, data.test});
  };
  if (run.data().train.labelled()) add(run.data(), run.data().train.name);
  for (const Dataset& data : run.downstream()) add(data, data.train.name);
  return sets;
}

ComparisonInputs comparison_inputs(Run& run) {
  const auto regression = [&](Part part) {
    return stoppable(regression_set(run.images(part), run.targets(part), run.device()),
                     run.observer());
  };
  ComparisonInputs inputs;
  inputs.dataset = run.images(Part::kTrain).name;
  inputs.training = regression(Part::kTrain);
  inputs.validation = regression(Part::kValidation);
  inputs.test = run.has_representations(Part::kTest) ? regression(Part::kTest) : inputs.validation;
  inputs.fingerprint =
      run.images(Part::kValidation).fingerprint() + run.images(Part::kTest).fingerprint();
  inputs.downstream = downstream_sets(run);
  return inputs;
}

NamedNetwork named_network(NetworkPtr network) {
  const std::string name = network_title(*network);
  return {name, std::move(network)};
}

std::vector<NamedNetwork> comparison_encoders(Run& run, int64_t outputs) {
  std::vector<NamedNetwork> encoders;
  for (const std::string& spec : run.config().evaluate.encoders) {
    encoders.push_back(named_network(encoder(run, spec, outputs)));
    for (size_t i = 0; i + 1 < encoders.size(); ++i) {
      if (encoders[i].name != encoders.back().name) continue;
      throw Error(fmt::format("evaluate.encoders: '{}' is {} again", spec, encoders[i].name));
    }
  }
  return encoders;
}

ComparisonInputs full_comparison(Run& run) {
  ComparisonInputs inputs = comparison_inputs(run);
  inputs.encoders = comparison_encoders(run, inputs.test.targets.size(1));
  for (const Method method : run.config().evaluate.compared()) {
    inputs.candidates.push_back(comparison_method(run, method, inputs.downstream));
  }
  return inputs;
}

void check_comparison(Run& run) {
  for (const DownstreamSet& set : downstream_sets(run)) {
    if (set.train.labelled() && set.test.labelled()) continue;
    throw Error(fmt::format("evaluate.datasets: '{}' has no labels", set.name));
  }
  comparison_encoders(run, /*outputs=*/1);
  run.config().subset.count(run.images(Part::kTrain).size());
}

Entries evaluation_sources(Run& run) {
  Entries entries = {{"data", run.source()}};
  for (const std::string& root : run.config().evaluate.datasets) {
    entries["data set " + as_utf8(root)] =
        folder_fingerprint(root, run.config().data.cache, "evaluate.datasets", run.observer(),
                           recorded_fingerprints(run.folder()));
  }
  return entries;
}

std::vector<std::string> data_context(Run& run) {
  const Config& config = run.config();
  const Dataset& data = run.data();
  const RepresentationsHeader targets = run.representations_header(Part::kTrain);
  return {fmt::format("mkdt {}, seed {}", version(), config.runtime.seed),
          fmt::format("{}: {} training, {} validation, {} test images of {}×{} pixels",
                      data.train.name, data.train.size(), data.validation.size(), data.test.size(),
                      data.train.image_size(), data.train.image_size()),
          fmt::format("teacher: {}, {} dimensions, processing: {}",
                      targets.encoder.empty() ? "not named" : targets.encoder, targets.dim,
                      targets.processing)};
}

std::vector<std::string> results_context(Run& run) {
  const Config& config = run.config();
  const DistillOptions& distill = config.distill;
  std::vector<std::string> lines = data_context(run);
  lines.push_back(
      fmt::format("synthetic set: {} images, start {}, {} iterations of {} steps, objective {}",
                  config.subset.count(run.data().train.size()),
                  distill.start.empty() ? config.subset.start : as_utf8(distill.start),
                  distill.iterations, distill.syn_steps, distill.objective));
  return lines;
}

}  // namespace mkdt
