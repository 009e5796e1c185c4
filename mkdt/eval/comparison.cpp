#include "mkdt/eval/comparison.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/random.h"
#include "mkdt/eval/label_subset.h"
#include "mkdt/eval/linear_probe.h"
#include "mkdt/eval/recipe_choice.h"

namespace mkdt {
namespace {

// Passes messages on, but not progress: the comparison is one task, and tasks do not nest.
class MessagesOnly : public Observer {
 public:
  explicit MessagesOnly(Observer& target) : target_(target) {}
  void info(const std::string& message) override { target_.info(message); }
  void warn(const std::string& message) override { target_.warn(message); }

 private:
  Observer& target_;
};

void check_rows(const torch::Tensor& features, const ImageSet& images, const std::string& method) {
  if (!features.defined() || features.size(0) == images.size()) return;
  throw Error(fmt::format("method {}: expected features of the {} images of {}, got {}", method,
                          images.size(), images.name, features.size(0)));
}

class Comparison {
 public:
  Comparison(const ComparisonInputs& inputs, const EvaluateOptions& options,
             const PretrainSection& pretraining, uint64_t seed, Observer& observer)
      : inputs_(inputs),
        options_(options),
        pretraining_(pretraining),
        seed_(seed),
        observer_(observer) {}

  std::vector<ComparisonRow> run() {
    const auto candidates = static_cast<int64_t>(inputs_.candidates.size());
    const int64_t cells_per_seed = 1 + static_cast<int64_t>(inputs_.downstream.size());
    observer_.begin("evaluation", candidates * (1 + options_.seeds * cells_per_seed), "cells");
    for (const Candidate& candidate : inputs_.candidates) {
      try {
        judge(candidate);
      } catch (const Error& error) {
        throw Error(fmt::format("method {}: {}", candidate.method, error.what()));
      }
    }
    observer_.end();
    return std::move(rows_);
  }

 private:
  // 1. The recipe; 2. for each seed: pre-train, measure the representation loss, probe.
  void judge(const Candidate& candidate) {
    ComparisonRow row;
    row.method = candidate.method;
    row.encoder = candidate.features ? candidate.features_encoder : inputs_.encoder;
    if (candidate.training) {
      MessagesOnly messages(observer_);
      row.recipe = choose_recipe(*inputs_.network, *candidate.training, inputs_.validation,
                                 pretraining_, candidate.syn_lr, seed_, messages);
      observer_.info(fmt::format("{}: {}", candidate.method, row.recipe->text()));
    }
    advance(candidate.method);
    for (row.seed = 0; row.seed < options_.seeds; ++row.seed) {
      const uint64_t run_seed = derive_seed(seed_, "eval/run", static_cast<uint64_t>(row.seed));
      torch::Tensor theta;
      if (!candidate.features) {
        theta = candidate.theta ? *candidate.theta : encoder(candidate, row.recipe, run_seed);
        row.representation_loss = representation_loss(*inputs_.network, theta, inputs_.test);
      }
      advance(candidate.method);
      probe(candidate, theta, run_seed, row);
    }
  }

  torch::Tensor encoder(const Candidate& candidate, const std::optional<Recipe>& recipe,
                        uint64_t run_seed) const {
    if (!recipe) {
      return initial_encoder(*inputs_.network, run_seed, inputs_.test.targets.device());
    }
    return pretrain(*inputs_.network, *candidate.training, recipe->steps,
                    pretraining_.training(*recipe), run_seed);
  }

  void probe(const Candidate& candidate, const torch::Tensor& theta, uint64_t run_seed,
             ComparisonRow row) {
    if (inputs_.downstream.empty() && theta.defined()) {
      row.dataset = inputs_.dataset;
      rows_.push_back(row);
    }
    for (size_t i = 0; i < inputs_.downstream.size(); ++i) {
      const DownstreamSet& set = inputs_.downstream[i];
      row.dataset = set.name;
      if (theta.defined()) {
        const auto encode = [&](const ImageSet& images, const torch::Tensor& indices) {
          return features(theta, images, indices);
        };
        probe_set(set, encode, run_seed, row);
      } else if ((*candidate.features)[i].train.defined()) {
        const SplitFeatures& given = (*candidate.features)[i];
        const auto look_up = [&](const ImageSet& images, const torch::Tensor& indices) {
          const torch::Tensor& values = &images == &set.train ? given.train : given.test;
          return values.index_select(0, indices.to(values.device()));
        };
        probe_set(set, look_up, run_seed, row);
      }
      advance(candidate.method);
    }
  }

  using Features = std::function<torch::Tensor(const ImageSet&, const torch::Tensor& indices)>;

  void probe_set(const DownstreamSet& set, const Features& features_of, uint64_t run_seed,
                 ComparisonRow row) {
    const int64_t classes =
        1 + std::max(set.train.labels.max().item<int64_t>(), set.test.labels.max().item<int64_t>());
    // A smaller sample is contained in a larger one: only the largest one's features are needed.
    const double largest =
        *std::max_element(options_.label_fractions.begin(), options_.label_fractions.end());
    const torch::Tensor pool = label_subset(set.train.labels, LabelBudget::part(largest), run_seed);
    const torch::Tensor train = features_of(set.train, pool);
    const torch::Tensor test = features_of(set.test, torch::arange(set.test.size(), torch::kLong));
    const torch::Tensor test_labels = set.test.labels.to(test.device());
    for (const double fraction : options_.label_fractions) {
      row.labels = LabelBudget::part(fraction);
      const torch::Tensor sample = label_subset(set.train.labels, *row.labels, run_seed);
      const torch::Tensor labels = set.train.labels.index_select(0, sample).to(train.device());
      const torch::Tensor rows = torch::searchsorted(pool, sample).to(train.device());
      const LinearProbe fitted =
          fit_linear_probe(train.index_select(0, rows), labels, classes, options_.probe());
      row.accuracy = accuracy(fitted, test, test_labels);
      rows_.push_back(row);
    }
  }

  torch::Tensor features(const torch::Tensor& theta, const ImageSet& images,
                         const torch::Tensor& indices) const {
    const auto images_at = [&](int64_t begin, int64_t end) {
      return images.normalised(indices.slice(0, begin, end), theta.device());
    };
    return features_in_batches(*inputs_.network, theta, images_at, indices.size(0));
  }

  void advance(const std::string& note) { observer_.advance(++done_, note); }

  const ComparisonInputs& inputs_;
  const EvaluateOptions& options_;
  const PretrainSection& pretraining_;
  uint64_t seed_;
  Observer& observer_;
  std::vector<ComparisonRow> rows_;
  int64_t done_ = 0;
};

void check(const ComparisonInputs& inputs, const EvaluateOptions& options) {
  if (options.label_fractions.empty()) {
    throw Error("evaluate.label_fractions: expected at least one fraction, got none");
  }
  for (const DownstreamSet& set : inputs.downstream) {
    if (set.train.labelled() && set.test.labelled()) continue;
    throw Error(fmt::format("{}: expected labels for a downstream data set, got none", set.name));
  }
  for (const Candidate& candidate : inputs.candidates) {
    if (!candidate.features) continue;
    const std::vector<SplitFeatures>& splits = *candidate.features;
    if (splits.size() != inputs.downstream.size()) {
      throw Error(fmt::format("method {}: expected features of {} data sets, got {}",
                              candidate.method, inputs.downstream.size(), splits.size()));
    }
    for (size_t i = 0; i < splits.size(); ++i) {
      check_rows(splits[i].train, inputs.downstream[i].train, candidate.method);
      check_rows(splits[i].test, inputs.downstream[i].test, candidate.method);
    }
  }
}

}  // namespace

std::vector<ComparisonRow> compare(const ComparisonInputs& inputs, const EvaluateOptions& options,
                                   const PretrainSection& pretraining, uint64_t seed,
                                   Observer& observer) {
  check(inputs, options);
  return Comparison(inputs, options, pretraining, seed, observer).run();
}

}  // namespace mkdt
