// The comparison of pre-training sets: methods × data sets × label fractions × seeds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/core/observer.h"
#include "mkdt/data/image_set.h"
#include "mkdt/eval/comparison_row.h"
#include "mkdt/eval/evaluate_options.h"
#include "mkdt/eval/pretrain.h"
#include "mkdt/eval/pretrain_options.h"
#include "mkdt/nn/network.h"

namespace mkdt {

// A labelled set that encoders are probed on; images of the encoder's size and channels.
struct DownstreamSet {
  std::string name;
  ImageSet train;
  ImageSet test;
};

// Features that are given instead of computed, row i for image i of the split.
struct SplitFeatures {
  torch::Tensor train;  // float [N,F], or undefined: the method is left out on this data set
  torch::Tensor test;
};

// One method. One of four kinds: an encoder to be pre-trained on a set; an encoder that is given; a
// random encoder (none of the three is set); given features (the teacher).
struct Candidate {
  std::string method;  // "distilled"
  std::optional<RegressionSet> training;
  double syn_lr = 0;                                   // learned rate of the set; 0: none
  std::optional<torch::Tensor> theta;                  // the given encoder's parameters [P]
  std::optional<std::vector<SplitFeatures>> features;  // one a downstream set, in their order
  std::string features_encoder;                        // what they come from, for tables
};

struct ComparisonInputs {
  NetworkPtr network;        // what is pre-trained
  std::string encoder;       // its name in tables
  std::string dataset;       // where `validation` and `test` come from
  RegressionSet validation;  // chooses recipes
  RegressionSet test;        // reports representation losses
  std::vector<DownstreamSet> downstream;
  std::vector<Candidate> candidates;
};

// For each candidate the recipe is chosen once (searched with one seed that all share, or fixed);
// then for each seed the encoder is pre-trained from the initialisation that all methods share, and
// probed with label samples that all share. Test labels are read for accuracies only.
// Without a downstream set the rows hold representation losses alone. Rows come in the order of
// candidates, seeds, data sets, fractions. Runs on the device of the candidates' targets.
// Throws Error, naming the method, if a pre-training diverges, a downstream set is unlabelled, or
// given features do not fit their images.
std::vector<ComparisonRow> compare(const ComparisonInputs& inputs, const EvaluateOptions& options,
                                   const PretrainSection& pretraining, uint64_t seed,
                                   Observer& observer);

}  // namespace mkdt
