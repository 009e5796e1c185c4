// Holds what is compared on what: methods, encoders, downstream sets.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/data/image_set.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/nn/network.h"

namespace mkdt {

// A labelled set that encoders are judged on; its images have the encoder's size and channels.
struct DownstreamSet {
  std::string name;
  ImageSet train;
  ImageSet validation;  // chooses the probe's weight, where it is chosen
  ImageSet test;
};

// Features that are given instead of computed, row i for image i of the split.
struct SplitFeatures {
  torch::Tensor train;       // float [N,F]
  torch::Tensor validation;  // may be undefined where the split is, or is not needed
  torch::Tensor test;
};

// One method, of one of four kinds: encoders are pre-trained; an encoder is given; encoders stay
// random (none of the others is set); features are given (the teacher's).
struct Candidate {
  std::string method;       // "distilled"
  std::string fingerprint;  // of what it learns from; cells are done again when it changes
  std::optional<Pretraining> pretraining;
  std::optional<torch::Tensor> theta;  // the given encoder's parameters [P]
  // Holds one function for each downstream set, in their order, which is called when its features
  // are needed; where it is null, the method is left out on that set.
  std::optional<std::vector<std::function<SplitFeatures()>>> features;
  std::string features_encoder;  // what they come from, for tables
};

struct NamedNetwork {
  std::string name;  // in tables
  NetworkPtr network;
};

struct ComparisonInputs {
  std::vector<NamedNetwork> encoders;  // what is pre-trained
  std::string dataset;                 // where the sets of regressions come from
  std::string fingerprint;             // of the images of `validation` and `test`
  RegressionSet training;              // fits the heads of encoders that were trained without one
  RegressionSet validation;            // chooses recipes
  RegressionSet test;                  // reports representation losses
  std::vector<DownstreamSet> downstream;
  std::vector<Candidate> candidates;
};

}  // namespace mkdt
