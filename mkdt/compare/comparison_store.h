// Holds what a comparison has found so far, one row a measurement, recipes and curves, so that it
// can be interrupted; and summarises rows over seeds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/distill/recipe.h"
#include "mkdt/judge/label_budget.h"

namespace mkdt {

// One measurement.
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

// Takes at least one value.
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

// Summarises over the seeds of each (method, encoder, data set, protocol, labels), in order of
// appearance.
std::vector<SummaryRow> summarise(const std::vector<ComparisonRow>& rows);

// One point of a pre-training's curve on one downstream set.
struct CurvePoint {
  std::string method;
  std::string encoder;
  int64_t seed = 0;
  int64_t step = 0;
  double representation_loss = 0;  // on held-out images
  std::string dataset;             // empty where there is no downstream set
  std::string labels;              // LabelBudget::code(), the largest one
  std::optional<double> accuracy;  // of a linear probe
};

struct TrainedEncoder {
  torch::Tensor theta;  // [P]
  double representation_loss = 0;
};

// Keeps everything by the keys of comparison_plan.h. This class keeps it in memory only.
class ComparisonStore {
 public:
  virtual ~ComparisonStore() = default;

  const ComparisonRow* row(const std::string& key) const { return find(rows_, key); }
  const Recipe* recipe(const std::string& key) const { return find(recipes_, key); }
  const std::vector<CurvePoint>* curve(const std::string& key) const { return find(curves_, key); }
  void add(const ComparisonRow& row);  // by row.key
  void add_recipe(const std::string& key, const Recipe& recipe);
  void add_curve(const std::string& key, const std::vector<CurvePoint>& points);

  // Return, keep and forget an encoder between its pre-training and its last cell.
  virtual std::optional<TrainedEncoder> encoder(const std::string& key) const;
  virtual void keep_encoder(const std::string& key, const TrainedEncoder& encoder);
  virtual void drop_encoder(const std::string& key);

  // Is called whenever an encoder has all its cells, with all rows so far in the order of tables.
  virtual void show(const std::vector<ComparisonRow>& /*rows*/) {}

 protected:
  // Are called after every addition to rows, recipes or curves.
  virtual void save_rows() {}
  virtual void save_recipes() {}
  virtual void save_curves() {}

  std::map<std::string, ComparisonRow> rows_;
  std::map<std::string, Recipe> recipes_;
  std::map<std::string, std::vector<CurvePoint>> curves_;

 private:
  template <typename Value>
  static const Value* find(const std::map<std::string, Value>& values, const std::string& key) {
    const auto found = values.find(key);
    return found == values.end() ? nullptr : &found->second;
  }

  std::map<std::string, TrainedEncoder> encoders_;
};

}  // namespace mkdt
