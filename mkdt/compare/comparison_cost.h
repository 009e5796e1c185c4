// Estimates the seconds that a comparison takes, and lists the work that it still has to do, by
// method and encoder.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "mkdt/compare/comparison_inputs.h"
#include "mkdt/compare/comparison_plan.h"
#include "mkdt/compare/comparison_store.h"
#include "mkdt/compare/evaluate_options.h"
#include "mkdt/distill/recipe.h"

namespace mkdt {

// Estimates the seconds of a comparison's parts from a few steps of each pre-training on this
// machine. Steps, embeddings and probes are measured when first asked for, once for each encoder,
// size of batch and label budget.
class ComparisonCost {
 public:
  // The arguments outlive the object. Everything is measured for `budget` seconds or at least a few
  // times; without a budget, probes are counted in operations instead.
  ComparisonCost(const ComparisonInputs& inputs, const EvaluateOptions& options,
                 const PretrainOptions& pretraining, double budget = 0)
      : inputs_(inputs),
        options_(options),
        pretraining_(pretraining),
        budgets_(options.budgets()),
        budget_(budget) {}

  // Returns the seconds of the search for a recipe; 0 where none is searched for.
  double recipe(const PlannedEncoding& encoding);
  // Returns the seconds of the pre-training with its curve; `recipe` is null while it is not known,
  // which counts as the longest one. The first answer for an encoding stays, so that a plan adds up
  // to its parts.
  double encoder(const PlannedEncoding& encoding, const Recipe* recipe);
  // Returns the seconds of one cell; the first cell of a data set includes computing the features.
  double cell(const PlannedEncoding& encoding, size_t index);

 private:
  struct EncoderSpeed {
    double embed = 0;  // an image, forwards
    double tune = 0;   // an image, forwards and backwards through autograd
  };

  double step(const PlannedEncoding& encoding);
  // Returns the seconds of one representation loss on `images` images.
  double look(const PlannedEncoding& encoding, int64_t images);
  double encoder_seconds(const PlannedEncoding& encoding, const Recipe* recipe);
  const EncoderSpeed& speed(size_t encoder);
  // Return the numbers of labelled images that one budget reads, and that the largest one reads.
  static double labelled(const DownstreamSet& set, const LabelBudget& labels);
  double pool(const DownstreamSet& set) const;
  const LabelBudget& largest(size_t downstream) const;
  // Returns the seconds of fitting a probe to that many labels.
  double probe(const PlannedEncoding& encoding, size_t downstream, const LabelBudget& labels);
  double counted_probe(const PlannedEncoding& encoding, const DownstreamSet& set,
                       double rows) const;
  double judging(const DownstreamSet& set, double embed) const;

  const ComparisonInputs& inputs_;
  const EvaluateOptions& options_;
  const PretrainOptions& pretraining_;
  std::vector<LabelBudget> budgets_;
  double budget_;
  std::map<std::string, double> steps_;
  std::map<std::string, double> probes_;
  std::map<size_t, EncoderSpeed> speeds_;
  std::map<std::string, double> encoders_;  // by their encodings' keys
};

// The work that a comparison still has to do for one method and encoder.
struct PlannedWork {
  std::string method;
  std::string encoder;
  int64_t cells = 0;     // over all seeds
  int64_t finished = 0;  // of these
  double seconds = 0;    // estimated, for the rest
};

// Tells whether all cells of the encoding are in the store, and its curve.
bool finished(const PlannedEncoding& encoding, const ComparisonStore& store);

// Tells whether the pre-training, with its curve, was finished and is kept for the cells that are
// left.
bool trained(const PlannedEncoding& encoding, const ComparisonStore& store);

// Returns the work in the order in which methods and encoders first come in the plan.
std::vector<PlannedWork> planned_work(const std::vector<PlannedEncoding>& plan,
                                      const ComparisonInputs& inputs, const ComparisonStore& store,
                                      ComparisonCost& cost);

double total_seconds(const std::vector<PlannedWork>& work);

}  // namespace mkdt
