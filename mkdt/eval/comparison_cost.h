// What a comparison will take, from a few steps of each pre-training on this machine.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "mkdt/eval/comparison_inputs.h"
#include "mkdt/eval/comparison_plan.h"
#include "mkdt/eval/comparison_store.h"
#include "mkdt/eval/evaluate_options.h"
#include "mkdt/eval/pretrain_options.h"

namespace mkdt {

// All in seconds. Steps and embeddings are measured when first asked for, once for each encoder and
// size of batch; probes are counted in operations.
class ComparisonCost {
 public:
  // The arguments outlive it.
  ComparisonCost(const ComparisonInputs& inputs, const EvaluateOptions& options,
                 const PretrainSection& pretraining)
      : inputs_(inputs), options_(options), pretraining_(pretraining) {}

  // Of the search for a recipe; 0 where there is none to be searched.
  double recipe(const PlannedEncoding& encoding);
  // Of the pre-training with its curve; `recipe` is null while it is not known, which counts as the
  // longest one. The first answer for an encoding stays, so that a plan adds up to its parts.
  double encoder(const PlannedEncoding& encoding, const Recipe* recipe);
  // Of one cell; the first cell of a data set has the features in it.
  double cell(const PlannedEncoding& encoding, size_t index);

 private:
  struct EncoderSpeed {
    double embed = 0;  // an image, forwards
    double tune = 0;   // an image, forwards and backwards through autograd
  };

  double step(const PlannedEncoding& encoding);
  // Of a look at the representation loss of so many images.
  double look(const PlannedEncoding& encoding, int64_t images);
  double encoder_seconds(const PlannedEncoding& encoding, const Recipe* recipe);
  const EncoderSpeed& speed(size_t encoder);
  double pool(const DownstreamSet& set) const;
  double judging(const DownstreamSet& set, double embed) const;

  const ComparisonInputs& inputs_;
  const EvaluateOptions& options_;
  const PretrainSection& pretraining_;
  std::map<std::string, double> steps_;
  std::map<size_t, EncoderSpeed> speeds_;
  std::map<std::string, double> encoders_;  // by their encodings' keys
};

}  // namespace mkdt
