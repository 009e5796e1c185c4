// Judges one encoder on downstream sets, by any protocol, with any number of labels, after
// pre-training or during it.
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

// Returns the features of the rows `indices` (int64, on the CPU) of a split: float [n,F].
using FeaturesOf =
    std::function<torch::Tensor(const ImageSet& split, const torch::Tensor& indices)>;

struct Verdict {
  Accuracies accuracies;     // on the test split
  std::optional<double> l2;  // of the probe
};

class DownstreamJudge {
 public:
  // Judges by features alone, without fine-tuning. All arguments outlive the judge. `seed` decides
  // which labels there are.
  DownstreamJudge(const DownstreamSet& set, FeaturesOf features, const EvaluateOptions& options,
                  uint64_t seed, const Observer& observer);
  // Judges an encoder, on the device of `theta` [P]. `seed` also decides the order of fine-tuning.
  DownstreamJudge(const DownstreamSet& set, const Network& network, const torch::Tensor& theta,
                  const EvaluateOptions& options, uint64_t seed, const Observer& observer);

  // Returns the budget of the options that gives most labels on this set.
  LabelBudget largest() const;

  // Returns accuracies by one protocol with that many labels. Features are computed when first
  // needed, of the images that any budget of the options reads. Throws DivergedError, naming the
  // data set, if features or scores are not finite, and Stopped, within a batch of images or a step
  // of a fit, once the observer wants to stop.
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

// Measures the loss and accuracy of an encoder at some steps of its pre-training.
class PretrainingCurve {
 public:
  // `row` has method, encoder, seed and recipe; `stream` decides which labels there are; `count` is
  // the number of points, equally spaced up to the recipe's last step. The references outlive the
  // curve.
  PretrainingCurve(const ComparisonInputs& inputs, const Network& network, HeldOutLoss loss,
                   const EvaluateOptions& options, const ComparisonRow& row, uint64_t stream,
                   int64_t count, const Observer& observer);

  // Measures, if `step` is one of the points. Throws Stopped where the observer wants to stop.
  void after_step(int64_t step, const torch::Tensor& theta);

  // Returns one point for each step and downstream set: the representation loss, and the accuracy
  // of a linear probe on as many labels as the largest budget has.
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

// Reports the curves as metrics "evaluate/METHOD/ENCODER/seed 0/representation_loss" and
// ".../accuracy, DATASET".
void report_metrics(const std::vector<CurvePoint>& points, Observer& observer);

}  // namespace mkdt
