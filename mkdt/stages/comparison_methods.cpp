#include "mkdt/stages/comparison_methods.h"

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/text.h"
#include "mkdt/base/version.h"
#include "mkdt/baseline/ssl_student.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/io/checksum.h"
#include "mkdt/nn/network_spec.h"
#include "mkdt/publish/import_png_set.h"
#include "mkdt/run/source_fingerprint.h"
#include "mkdt/ssl/target_processing.h"
#include "mkdt/stages/quality.h"
#include "mkdt/stages/subset.h"

namespace mkdt {
namespace {

// Identifies the images of the training split and their targets.
std::string training_fingerprint(Run& run) {
  return run.images(Part::kTrain).fingerprint() +
         checksum(run.representations(Part::kTrain).values);
}

Candidate regression_on(const RegressionSet& set, std::string fingerprint, double syn_lr = 0) {
  Candidate candidate;
  candidate.fingerprint = std::move(fingerprint);
  candidate.pretraining = regression_pretraining(set, syn_lr);
  return candidate;
}

Candidate real_subset(Run& run, const std::string& kind) {
  const torch::Tensor rows = read_subset(run, kind);
  const RegressionSet set = regression_set(
      run.images(Part::kTrain).normalised(rows, run.device()),
      run.targets(Part::kTrain).index_select(0, rows.to(run.device())), run.device());
  return regression_on(set, training_fingerprint(run) + checksum(rows));
}

// Identifies what is trained on, not where the set comes from.
std::string fingerprint(const SyntheticSet& set) {
  return checksum(set.images) + checksum(set.targets) + checksum(torch::tensor(set.syn_lr));
}

Candidate made_set(Run& run, const SyntheticSet& set) {
  return regression_on(regression_set(set.images, set.targets, run.device()), fingerprint(set),
                       set.syn_lr);
}

Candidate all_images(Run& run) {
  return regression_on(
      regression_set(run.images(Part::kTrain), run.targets(Part::kTrain), run.device()),
      training_fingerprint(run));
}

// Trains on that set, or on all images if there is none.
Candidate self_supervised(Run& run, const std::optional<SyntheticSet>& set) {
  const SslOptions ssl = run.config().mtt_ssl.ssl();
  Candidate candidate;
  candidate.fingerprint = fmt::format("{} {} {} {}", ssl.projector_hidden, ssl.projector_output,
                                      ssl.lambda, training_fingerprint(run));
  if (set) candidate.fingerprint += fingerprint(*set);
  const SslSource source = set ? ssl_source(set->images, set->normalisation, run.device())
                               : ssl_source(run.images(Part::kTrain), run.device());
  candidate.pretraining = ssl_pretraining(source, ssl);
  return candidate;
}

// Returns the representations that there are as the features of the images of [data].
SplitFeatures own_features(Run& run) {
  return {run.representations(Part::kTrain).values, run.representations(Part::kValidation).values,
          run.representations(Part::kTest).values};
}

SplitFeatures features_of(Run& run, const ImageEncoder& encoder, const DownstreamSet& set) {
  QuietObserver silent(run.observer());
  const auto features = [&](const ImageSet& images) {
    if (!images.images.defined()) return torch::Tensor();
    const torch::Tensor raw = embed(encoder, images, run.config().teacher.embed_batch, silent);
    return read_processing(run.path(kProcessingFile), encoder.dim).apply(raw);
  };
  const bool chooses = run.config().evaluate.probe_l2_choices.size() > 1;
  return {features(set.train), chooses ? features(set.validation) : torch::Tensor(),
          features(set.test)};
}

// Computes the features when they are first asked for; every seed asks for the same ones.
std::function<SplitFeatures()> computed_once(std::function<SplitFeatures()> compute) {
  return
      [compute = std::move(compute), features = std::make_shared<std::optional<SplitFeatures>>()] {
        if (!*features) *features = compute();
        return **features;
      };
}

// Makes the candidate of the teacher's features. Given representations exist for the images of
// [data] only.
Candidate teacher(Run& run, const std::vector<DownstreamSet>& sets) {
  const auto encoder = std::make_shared<std::optional<ImageEncoder>>(run_teacher(run));
  Candidate candidate;
  candidate.fingerprint = training_fingerprint(run);
  candidate.features_encoder = run.config().teacher.outside.given()
                                   ? "given"
                                   : run.config().teacher.training.backbone.architecture;
  candidate.features.emplace();
  for (size_t i = 0; i < sets.size(); ++i) {
    const bool main_set = i == 0 && run.images(Part::kTrain).labelled();
    if (main_set && run.has_representations(Part::kTest)) {
      candidate.features->push_back([&run] { return own_features(run); });
    } else if (*encoder) {
      candidate.features->push_back(computed_once(
          [&run, encoder, set = sets[i]] { return features_of(run, **encoder, set); }));
    } else {
      run.observer().warn(fmt::format(
          "teacher: there are no representations of {}; it is left out there", sets[i].name));
      candidate.features->push_back(nullptr);
    }
  }
  return candidate;
}

SyntheticSet learned_set(Run& run, Method method) {
  const MethodSet& set = entry_of(method).set;
  return read_synthetic_set(run.path(std::string(set.stage), std::string(set.file)));
}

Candidate real_candidate(Run& run, Method method, const std::vector<DownstreamSet>& sets) {
  switch (method) {
    case Method::kNone:
      return {};
    case Method::kRandom:
    case Method::kKMeans:
    case Method::kHighLoss:
      return real_subset(run, name_of(method));
    case Method::kKrrSt:
    case Method::kDistilled:
      return made_set(run, learned_set(run, method));
    case Method::kDistilledPng:
      return made_set(run, after_png_files(learned_set(run, method)));
    case Method::kMttSsl:
      return self_supervised(run, learned_set(run, method));
    case Method::kFull:
      return all_images(run);
    case Method::kSsl:
      return self_supervised(run, std::nullopt);
    case Method::kTeacher:
      return teacher(run, sets);
  }
  throw std::logic_error("no such method");
}

// Makes a candidate of as many real images as the set will have, or of all of them.
Candidate stand_in_regression(Run& run, RegressionSet set, bool all) {
  if (!all) set.targets = set.targets.slice(0, 0, run.config().subset.count(set.size()));
  Candidate candidate;
  candidate.pretraining = regression_pretraining(set);
  return candidate;
}

Candidate stand_in_self_supervised(Run& run, bool all) {
  const ImageSet& images = run.images(Part::kTrain);
  const auto some = [&] {
    const torch::Tensor rows =
        torch::arange(run.config().subset.count(images.size()), torch::kLong);
    return ssl_source(images.normalised(rows, run.device()), images.normalisation, run.device());
  };
  Candidate candidate;
  candidate.pretraining =
      ssl_pretraining(all ? ssl_source(images, run.device()) : some(), run.config().mtt_ssl.ssl());
  return candidate;
}

Candidate stand_in_teacher(Run& run, const ComparisonInputs& inputs) {
  Candidate candidate;
  candidate.features_encoder = "teacher";
  candidate.features.emplace();
  const bool encodes = run.config().teacher.outside.representations.empty();
  for (size_t i = 0; i < inputs.downstream.size(); ++i) {
    const bool there = encodes || (i == 0 && run.images(Part::kTrain).labelled());
    candidate.features->push_back(there ? [] { return SplitFeatures(); }
                                        : std::function<SplitFeatures()>());
  }
  return candidate;
}

Candidate stand_in_candidate(Run& run, Method method, const ComparisonInputs& inputs) {
  switch (method) {
    case Method::kNone:
      return {};
    case Method::kRandom:
    case Method::kKMeans:
    case Method::kHighLoss:
    case Method::kKrrSt:
    case Method::kDistilled:
    case Method::kDistilledPng:
      return stand_in_regression(run, inputs.training, /*all=*/false);
    case Method::kMttSsl:
      return stand_in_self_supervised(run, /*all=*/false);
    case Method::kFull:
      return stand_in_regression(run, inputs.training, /*all=*/true);
    case Method::kSsl:
      return stand_in_self_supervised(run, /*all=*/true);
    case Method::kTeacher:
      return stand_in_teacher(run, inputs);
  }
  throw std::logic_error("no such method");
}

Candidate named(Candidate candidate, Method method) {
  candidate.method = name_of(method);
  return candidate;
}

}  // namespace

Candidate comparison_method(Run& run, Method method, const std::vector<DownstreamSet>& downstream) {
  return named(real_candidate(run, method, downstream), method);
}

Candidate stand_in_method(Run& run, Method method, const ComparisonInputs& inputs) {
  return named(stand_in_candidate(run, method, inputs), method);
}

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
    entries["data set " + as_utf8(root)] = folder_fingerprint(
        root, "evaluate.datasets", run.observer(), recorded_fingerprints(run.folder()));
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
