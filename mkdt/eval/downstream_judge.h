// What one encoder is worth on one downstream set, by any protocol and with any number of labels.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <torch/types.h>

#include "mkdt/core/observer.h"
#include "mkdt/eval/comparison_inputs.h"
#include "mkdt/eval/evaluate_options.h"
#include "mkdt/eval/metrics.h"
#include "mkdt/eval/probe_choice.h"

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

}  // namespace mkdt
