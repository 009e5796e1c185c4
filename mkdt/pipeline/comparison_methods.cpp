#include "mkdt/pipeline/comparison_methods.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "mkdt/baseline/ssl_pretrain.h"
#include "mkdt/core/checksum.h"
#include "mkdt/core/error.h"
#include "mkdt/core/quiet_observer.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/eval/regression_set.h"
#include "mkdt/pipeline/run_teacher.h"
#include "mkdt/pipeline/subset_files.h"
#include "mkdt/report/import_png_set.h"
#include "mkdt/ssl/target_processing.h"

namespace mkdt {
namespace {

// Images of the training split, and what they should become.
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

// Of what is trained on, not of where the set comes from.
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

Candidate self_supervised(Run& run, const std::string& method) {
  const bool on_all_images = method == "ssl";
  const SslOptions ssl = run.config().mtt_ssl.ssl();
  Candidate candidate;
  candidate.fingerprint = fmt::format("{} {} {} {}", ssl.projector_hidden, ssl.projector_output,
                                      ssl.lambda, training_fingerprint(run));
  SslSource source;
  if (on_all_images) {
    source = ssl_source(run.images(Part::kTrain), run.device());
  } else {
    const SyntheticSet set = read_synthetic_set(run.path("mtt-ssl", "mtt-ssl.safetensors"));
    candidate.fingerprint += fingerprint(set);
    source = ssl_source(set.images, set.normalisation, run.device());
  }
  candidate.pretraining = ssl_pretraining(source, ssl);
  return candidate;
}

// Features of the images of [data]: the representations that there are.
SplitFeatures own_features(Run& run) {
  return {run.representations(Part::kTrain).values, run.representations(Part::kValidation).values,
          run.representations(Part::kTest).values};
}

SplitFeatures features_of(Run& run, const ImageEncoder& encoder, const DownstreamSet& set) {
  QuietObserver silent(run.observer());
  const auto features = [&](const ImageSet& images) {
    if (!images.images.defined()) return torch::Tensor();
    const torch::Tensor raw = embed(encoder, images, run.config().teacher.embed_batch, silent);
    return read_processing(run.path("embed", "processing.safetensors"), encoder.dim).apply(raw);
  };
  const bool chooses = run.config().evaluate.probe_l2_choices.size() > 1;
  return {features(set.train), chooses ? features(set.validation) : torch::Tensor(),
          features(set.test)};
}

// Given representations are there for the images of [data] only.
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
      candidate.features->push_back(
          [&run, encoder, set = sets[i]] { return features_of(run, **encoder, set); });
    } else {
      run.observer().warn(fmt::format(
          "teacher: there are no representations of {}; it is left out there", sets[i].name));
      candidate.features->push_back(nullptr);
    }
  }
  return candidate;
}

Candidate candidate(Run& run, const std::string& method, const std::vector<DownstreamSet>& sets) {
  if (stage_behind(method) == "subset") return real_subset(run, method);
  const auto read = [&](const char* stage, const char* file) {
    return read_synthetic_set(run.path(stage, file));
  };
  if (method == "krr-st") return made_set(run, read("krr-st", "krr-st.safetensors"));
  if (method == "distilled") return made_set(run, read("distill", "distilled.safetensors"));
  if (method == "distilled-png") {
    return made_set(run, after_png_files(read("distill", "distilled.safetensors")));
  }
  if (method == "full") return all_images(run);
  if (method == "ssl" || method == "mtt-ssl") return self_supervised(run, method);
  if (method == "teacher") return teacher(run, sets);
  return {};  // none
}

}  // namespace

std::string stage_behind(const std::string& method) {
  if (method == "random" || method == "k-means" || method == "high-loss") return "subset";
  if (method == "distilled" || method == "distilled-png") return "distill";
  if (method == "krr-st" || method == "mtt-ssl") return method;
  return "embed";
}

Candidate comparison_method(Run& run, const std::string& method,
                            const std::vector<DownstreamSet>& downstream) {
  Candidate made = candidate(run, method, downstream);
  made.method = method;
  return made;
}

}  // namespace mkdt
