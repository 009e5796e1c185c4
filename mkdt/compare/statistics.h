// Computes how much better one method is than another, seed by seed, and how uncertain that is over
// the seeds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mkdt/compare/comparison_store.h"

namespace mkdt {

// Returns P(|T| < t) of Student's t distribution, for t ≥ 0 and at least one whole degree of
// freedom, by the finite sums of Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3
// and 26.7.4.
double student_t_central(double t, int64_t degrees);

// Returns the t with P(|T| < t) = `confidence`, 0 < confidence < 1: 12.706 for 0.95 and one degree.
double student_t_quantile(double confidence, int64_t degrees);

// Returns half the width of the 95 % interval of Student's t, t(0.95, n − 1)·s/√n, of a mean over n
// seeds; nothing for one seed.
std::optional<double> half_width(const Statistic& over_seeds);

// The mean of a method's values minus the baseline's, over the seeds that both methods have.
struct PairedInterval {
  int64_t seeds = 0;
  double mean = 0;
  std::optional<double> half_width;  // of the 95 % interval; absent for one seed
};

struct PairedDifference {
  std::string method;
  std::string encoder;
  std::string dataset;
  std::string protocol;
  LabelBudget labels;
  PairedInterval accuracy;  // top-1
};

// Returns for each other method the differences to the baseline's accuracies with the same encoder,
// data set, protocol, labels and seed: the seeds share initialisation and label sample, so
// differences vary less than accuracies. The interval is that of Student's t over seeds, mean ±
// t(0.95, n − 1)·s/√n. The differences are in order of appearance; cells without a partner are left
// out.
std::vector<PairedDifference> paired_differences(const std::vector<ComparisonRow>& rows,
                                                 const std::string& baseline_method);

// Returns the difference between two methods' representation losses, paired by seed, on one encoder
// and in the rows of one data set (a loss depends on the encoder alone, but rows may come from
// several runs). Returns nothing where a loss is missing or, being that of a head fitted
// afterwards, not comparable.
std::optional<PairedInterval> paired_loss_difference(const std::vector<ComparisonRow>& rows,
                                                     const std::string& encoder,
                                                     const std::string& dataset,
                                                     const std::string& method,
                                                     const std::string& baseline_method);

}  // namespace mkdt
