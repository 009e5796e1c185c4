// What a comparison yields: one row a measurement, and means over seeds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mkdt/eval/recipe.h"

namespace mkdt {

struct ComparisonRow {
  std::string method;
  std::string encoder;
  std::string dataset;                        // the downstream set
  std::optional<double> label_fraction;       // absent where nothing was probed
  int64_t seed = 0;                           // 0, 1, … of the comparison
  std::optional<double> accuracy;             // of the probe on the test split, in [0, 1]
  std::optional<double> representation_loss;  // on held-out images; absent for given features
  std::optional<Recipe> recipe;               // of the pre-training, where there was one
};

struct Statistic {
  double mean = 0;
  double deviation = 0;  // sample standard deviation (n − 1); 0 if there is one value only
  int64_t count = 0;
};

// Of at least one value.
Statistic statistic(const std::vector<double>& values);

struct SummaryRow {
  std::string method;
  std::string encoder;
  std::string dataset;
  std::optional<double> label_fraction;
  std::optional<Statistic> accuracy;
  std::optional<Statistic> representation_loss;
};

// Over the seeds of each (method, encoder, data set, label fraction), in order of appearance.
std::vector<SummaryRow> summarise(const std::vector<ComparisonRow>& rows);

}  // namespace mkdt
