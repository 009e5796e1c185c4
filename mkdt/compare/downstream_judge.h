// What one encoder is worth on one downstream set, by any protocol, with any number of labels,
// after pre-training or during it.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/base/observer.h"
#include "mkdt/compare/comparison_inputs.h"
#include "mkdt/compare/comparison_store.h"
#include "mkdt/compare/evaluate_options.h"
#include "mkdt/judge/linear_probe.h"
#include "mkdt/judge/metrics.h"

namespace mkdt {

// Features of the rows `indices` (int64, on the CPU) of a split: float [n,F].
using FeaturesOf =
    std::function<torch::Tensor(const ImageSet& split, const torch::Tensor& indices)>;

struct Verdict {
  Accuracies accuracies;     // on the test split
  std::optional<double> l2;  // of the probe
};

class DownstreamJudge {
 public:
  // By features alone: no fine-tuning. All arguments outlive the judge. `seed` decides which
  // labels there are and the order of fine-tuning.
  DownstreamJudge(const DownstreamSet& set, FeaturesOf features, const EvaluateOptions& options,
                  uint64_t seed, const Observer& observer);
  // An encoder; `theta` [P] says on which device.
  DownstreamJudge(const DownstreamSet& set, const Network& network, const torch::Tensor& theta,
                  const EvaluateOptions& options, uint64_t seed, const Observer& observer);

  // The budget of the options that gives most labels here.
  LabelBudget largest() const;

  // Features are computed when first needed, of the images that any budget of the options reads.
  // Throws DivergedError naming the data set if they, or scores, are not finite, and Stopped within
  // a batch of images, or a step of a fit, of the observer's wish to stop.
  Verdict judge(const std::string& protocol, const LabelBudget& labels);

 private:
  void compute_features();
  LabelledFeatures sample(const LabelBudget& labels) const;
  LabelledFeatures whole(const ImageSet& split) const;
  Verdict probe(const LabelledFeatures& train);
  Verdict finetune(const LabelBudget& labels) const;

  const DownstreamSet& set_;
  const EvaluateOptions& options_;
  uint64_t seed_;
  const Observer& observer_;
  FeaturesOf features_;
  const Network* network_ = nullptr;
  torch::Tensor theta_;
  int64_t classes_;
  torch::Tensor pool_;  // rows of the training split, sorted; undefined before the features are
  torch::Tensor pool_features_;
  LabelledFeatures validation_, test_;
};

// What pre-training is worth while it goes on: loss and accuracy at some of its steps.

class PretrainingCurve {
 public:
  // `row` has method, encoder, seed and recipe; `stream` decides which labels there are; `count`
  // points, equally spaced up to the recipe's last step. The references outlive the curve. Looks
  // throw Stopped where the observer wants to stop.
  PretrainingCurve(const ComparisonInputs& inputs, const Network& network, HeldOutLoss loss,
                   const EvaluateOptions& options, const ComparisonRow& row, uint64_t stream,
                   int64_t count, const Observer& observer);

  void after_step(int64_t step, const torch::Tensor& theta);

  // One for each step and downstream set: the representation loss, and the accuracy of a linear
  // probe on as many labels as the largest budget has.
  const std::vector<CurvePoint>& points() const { return points_; }

 private:
  const ComparisonInputs& inputs_;
  const Network& network_;
  HeldOutLoss loss_;
  const EvaluateOptions& options_;
  CurvePoint point_;
  uint64_t stream_;
  const Observer& observer_;
  std::set<int64_t> steps_;
  std::vector<CurvePoint> points_;
};

// The curves as metrics: "evaluate/METHOD/ENCODER/seed 0/representation_loss" and ".../accuracy,
// DATASET".
void report_metrics(const std::vector<CurvePoint>& points, Observer& observer);

}  // namespace mkdt
