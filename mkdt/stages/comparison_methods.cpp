#include "mkdt/stages/comparison_methods.h"

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/baseline/ssl_student.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/io/checksum.h"
#include "mkdt/publish/import_png_set.h"
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

}  // namespace mkdt
