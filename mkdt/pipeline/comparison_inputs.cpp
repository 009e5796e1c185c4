#include "mkdt/pipeline/comparison_inputs.h"

#include <utility>

#include <fmt/format.h>

#include "mkdt/core/version.h"
#include "mkdt/eval/regression_set.h"
#include "mkdt/pipeline/source_fingerprint.h"

namespace mkdt {
namespace {

std::vector<DownstreamSet> downstream_sets(Run& run) {
  std::vector<DownstreamSet> sets;
  const Dataset& main = run.data();
  if (main.train.labelled()) sets.push_back({main.train.name, main.train, main.test});
  for (const std::string& root : run.config().evaluate.datasets) {
    DataOptions options;
    options.root = root;
    options.image_size = main.train.image_size();
    const Dataset data = load_dataset(options, run.seed(), run.observer());
    sets.push_back({data.train.name, data.train, data.test});
  }
  return sets;
}

std::string encoder_name(const Network& network) {
  auto description = network.describe();
  return fmt::format("{} {}×{}", description["architecture"], description["width"],
                     description["depth"]);
}

}  // namespace

ComparisonInputs comparison_inputs(Run& run, NetworkPtr network) {
  const auto regression = [&](Part part) {
    return regression_set(run.images(part), run.targets(part), run.device());
  };
  ComparisonInputs inputs;
  inputs.encoder = encoder_name(*network);
  inputs.network = std::move(network);
  inputs.dataset = run.images(Part::kTrain).name;
  inputs.validation = regression(Part::kValidation);
  inputs.test = run.has_representations(Part::kTest) ? regression(Part::kTest) : inputs.validation;
  inputs.downstream = downstream_sets(run);
  return inputs;
}

Entries evaluation_sources(Run& run) {
  Entries entries = {{"data", run.source()}};
  for (const std::string& root : run.config().evaluate.datasets) {
    entries["data set " + root] = folder_fingerprint(root, "evaluate.datasets");
  }
  return entries;
}

std::vector<std::string> results_context(Run& run) {
  const Config& config = run.config();
  const Dataset& data = run.data();
  const Representations targets = run.representations(Part::kTrain);
  return {fmt::format("mkdt {}, seed {}", version(), config.runtime.seed),
          fmt::format("{}: {} training, {} validation, {} test images of {}×{} pixels",
                      data.train.name, data.train.size(), data.validation.size(), data.test.size(),
                      data.train.image_size(), data.train.image_size()),
          fmt::format("teacher: {}, {} dimensions, processing: {}",
                      targets.encoder.empty() ? "not named" : targets.encoder, targets.dim(),
                      targets.processing),
          fmt::format("synthetic set: {} images, start {}, {} iterations of {} steps",
                      config.subset.count(data.train.size()), config.subset.start,
                      config.distill.iterations, config.distill.syn_steps)};
}

}  // namespace mkdt
