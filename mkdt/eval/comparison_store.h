// What a comparison has found so far, so that it can be interrupted: recipes, curves, rows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/eval/comparison_row.h"

namespace mkdt {

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

// Everything by the keys of comparison_plan.h. This one is in memory only.
class ComparisonStore {
 public:
  virtual ~ComparisonStore() = default;

  const ComparisonRow* row(const std::string& key) const { return find(rows_, key); }
  const Recipe* recipe(const std::string& key) const { return find(recipes_, key); }
  const std::vector<CurvePoint>* curve(const std::string& key) const { return find(curves_, key); }
  void add(const ComparisonRow& row);  // by row.key
  void add_recipe(const std::string& key, const Recipe& recipe);
  void add_curve(const std::string& key, const std::vector<CurvePoint>& points);

  // An encoder between its pre-training and its last cell.
  virtual std::optional<TrainedEncoder> encoder(const std::string& key) const;
  virtual void keep_encoder(const std::string& key, const TrainedEncoder& encoder);
  virtual void drop_encoder(const std::string& key);

  // Called whenever an encoder has all its cells, with all rows so far in the order of tables.
  virtual void show(const std::vector<ComparisonRow>& /*rows*/) {}

 protected:
  // After every addition to them.
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
