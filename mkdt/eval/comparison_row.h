// What a comparison yields: one row a measurement, and means over seeds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mkdt/eval/label_budget.h"
#include "mkdt/eval/recipe.h"

namespace mkdt {

struct ComparisonRow {
  std::string method;
  std::string encoder;
  std::string dataset;                        // the downstream set
  std::string protocol = "probe";             // how the encoder is used: "probe", "finetune", "knn"
  std::optional<LabelBudget> labels;          // absent where nothing was probed
  int64_t seed = 0;                           // 0, 1, … of the comparison
  std::optional<double> accuracy;             // top-1 on the test split; accuracies are in [0, 1]
  std::optional<double> top5_accuracy;        // of sets with at least 20 classes
  std::optional<double> balanced_accuracy;    // where the test split has uneven classes
  std::optional<double> l2;                   // weight in the probe's objective
  std::optional<double> representation_loss;  // on held-out images; absent for given features
  bool fitted_head = false;      // the loss is that of a head fitted to real images: not comparable
  std::optional<Recipe> recipe;  // of the pre-training, where there was one
  std::string key;               // of the cell's inputs; empty: unknown
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
  std::string protocol;
  std::optional<LabelBudget> labels;
  std::optional<Statistic> accuracy;
  std::optional<Statistic> top5_accuracy;
  std::optional<Statistic> balanced_accuracy;
  std::optional<Statistic> representation_loss;
  bool fitted_head = false;
};

// Over the seeds of each (method, encoder, data set, protocol, labels), in order of appearance.
std::vector<SummaryRow> summarise(const std::vector<ComparisonRow>& rows);

}  // namespace mkdt
