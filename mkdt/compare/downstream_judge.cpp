#include "mkdt/compare/downstream_judge.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "mkdt/base/finite.h"
#include "mkdt/base/observer.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/judge/label_budget.h"

namespace mkdt {
namespace {

int64_t class_count(const DownstreamSet& set) {
  int64_t highest = 0;
  for (const ImageSet* part : {&set.train, &set.validation, &set.test}) {
    if (part->labelled()) highest = std::max(highest, part->labels.max().item<int64_t>());
  }
  return highest + 1;
}

FeaturesOf features_by(const Network& network, const torch::Tensor& theta,
                       const Observer& observer) {
  return [&network, theta, &observer](const ImageSet& split, const torch::Tensor& indices) {
    const auto images_at = [&](int64_t begin, int64_t end) {
      throw_if_stopped(observer);
      return split.normalised(indices.slice(0, begin, end), theta.device());
    };
    return features_in_batches(network, theta, images_at, indices.size(0));
  };
}

// Throws DivergedError for values that are not finite, which finite parameters may yield, too.
torch::Tensor finite(const torch::Tensor& values, const char* what, const ImageSet& split) {
  if (all_finite(values)) return values;
  throw DivergedError(fmt::format("{} of {} are not finite numbers", what, split.name));
}

}  // namespace

DownstreamJudge::DownstreamJudge(const DownstreamSet& set, FeaturesOf features,
                                 const EvaluateOptions& options, uint64_t seed,
                                 const Observer& observer)
    : set_(set),
      options_(options),
      seed_(seed),
      observer_(observer),
      features_(std::move(features)),
      classes_(class_count(set)) {}

DownstreamJudge::DownstreamJudge(const DownstreamSet& set, const Network& network,
                                 const torch::Tensor& theta, const EvaluateOptions& options,
                                 uint64_t seed, const Observer& observer)
    : DownstreamJudge(set, features_by(network, theta, observer), options, seed, observer) {
  network_ = &network;
  theta_ = theta;
}

LabelBudget DownstreamJudge::largest() const {
  const std::vector<LabelBudget> budgets = options_.budgets();
  const auto labels = [&](const LabelBudget& budget) {
    return label_subset(set_.train.labels, budget, seed_).numel();
  };
  return *std::max_element(budgets.begin(), budgets.end(),
                           [&](const auto& a, const auto& b) { return labels(a) < labels(b); });
}

Verdict DownstreamJudge::judge(const std::string& protocol, const LabelBudget& labels) {
  if (protocol == "finetune") return finetune(labels);
  if (!pool_.defined()) compute_features();
  const LabelledFeatures train = sample(labels);
  if (protocol == "probe") return probe(train);
  const torch::Tensor scores =
      knn_scores(train.features, train.labels, test_.features, classes_, options_.knn, observer_);
  return {accuracies(scores, test_.labels), std::nullopt};
}

// Reads the union of all budgets' samples. They overlap, since samples of fewer labels are
// contained in those of more, fractions and counts alike.
void DownstreamJudge::compute_features() {
  std::vector<torch::Tensor> rows;
  for (const LabelBudget& labels : options_.budgets()) {
    rows.push_back(label_subset(set_.train.labels, labels, seed_));
  }
  pool_ = std::get<0>(at::_unique2(torch::cat(rows)));
  pool_features_ = finite(features_(set_.train, pool_), "the features", set_.train);
  test_ = whole(set_.test);
}

LabelledFeatures DownstreamJudge::sample(const LabelBudget& labels) const {
  const torch::Tensor rows = label_subset(set_.train.labels, labels, seed_);
  const torch::Device device = pool_features_.device();
  return {pool_features_.index_select(0, torch::searchsorted(pool_, rows).to(device)),
          set_.train.labels.index_select(0, rows).to(device)};
}

LabelledFeatures DownstreamJudge::whole(const ImageSet& split) const {
  const torch::Tensor features =
      finite(features_(split, torch::arange(split.size(), torch::kLong)), "the features", split);
  return {features, split.labels.to(features.device())};
}

Verdict DownstreamJudge::probe(const LabelledFeatures& train) {
  std::vector<double> l2s = options_.probe_l2_choices;
  if (l2s.empty()) l2s = {options_.probe_l2};
  if (l2s.size() > 1 && !validation_.features.defined()) validation_ = whole(set_.validation);
  const ProbeChoice choice =
      choose_probe(train, validation_, classes_, l2s, options_.probe_iterations, observer_);
  const torch::Tensor scores = probe_scores(choice.probe, test_.features, observer_);
  return {accuracies(scores, test_.labels), choice.l2};
}

Verdict DownstreamJudge::finetune(const LabelBudget& labels) const {
  if (network_ == nullptr) throw std::logic_error("fine-tuning of given features");
  const FinetunedEncoder tuned =
      mkdt::finetune(*network_, theta_, set_.train, label_subset(set_.train.labels, labels, seed_),
                     classes_, options_.finetune, seed_, observer_);
  const torch::Tensor scores = finite(class_scores(*network_, tuned, set_.test, observer_),
                                      "the fine-tuned encoder's scores", set_.test);
  return {accuracies(scores, set_.test.labels.to(scores.device())), std::nullopt};
}

PretrainingCurve::PretrainingCurve(const ComparisonInputs& inputs, const Network& network,
                                   HeldOutLoss loss, const EvaluateOptions& options,
                                   const ComparisonRow& row, uint64_t stream, int64_t count,
                                   const Observer& observer)
    : inputs_(inputs),
      network_(network),
      loss_(std::move(loss)),
      options_(options),
      stream_(stream),
      observer_(observer) {
  point_.method = row.method;
  point_.encoder = row.encoder;
  point_.seed = row.seed;
  steps_ = spaced_steps(row.recipe->steps, count);
}

void PretrainingCurve::after_step(int64_t step, const torch::Tensor& theta) {
  if (steps_.count(step) == 0) return;
  CurvePoint point = point_;
  point.step = step;
  point.representation_loss = loss_(network_, theta);
  if (!std::isfinite(point.representation_loss)) {
    throw DivergedError(fmt::format(
        "pre-training diverged: the representation loss is not finite after step {}", step));
  }
  if (inputs_.downstream.empty()) points_.push_back(point);
  for (const DownstreamSet& set : inputs_.downstream) {
    DownstreamJudge judge(set, network_, theta, options_, stream_, observer_);
    const LabelBudget& most = judge.largest();
    point.dataset = set.name;
    point.labels = most.code();
    point.accuracy = judge.judge("probe", most).accuracies.top1;
    points_.push_back(point);
  }
}

void report_metrics(const std::vector<CurvePoint>& points, Observer& observer) {
  int64_t last_step = -1;
  for (const CurvePoint& point : points) {
    const std::string name =
        fmt::format("evaluate/{}/{}/seed {}/", point.method, point.encoder, point.seed);
    if (point.step != last_step) {  // a step has one point for each data set
      observer.metric(name + "representation_loss", point.step, point.representation_loss);
    }
    last_step = point.step;
    if (point.accuracy) {
      observer.metric(name + "accuracy, " + point.dataset, point.step, *point.accuracy);
    }
  }
}

}  // namespace mkdt
