// What pre-training is worth while it goes on: loss and accuracy at some of its steps.
#pragma once

#include <set>
#include <vector>

#include "mkdt/core/observer.h"
#include "mkdt/eval/comparison_inputs.h"
#include "mkdt/eval/comparison_store.h"
#include "mkdt/eval/evaluate_options.h"

namespace mkdt {

class PretrainingCurve {
 public:
  // `row` has method, encoder, seed and recipe; `stream` decides which labels there are; `count`
  // points, equally spaced up to the recipe's last step. The references outlive the curve. Looks
  // throw Stopped where the observer wants to stop.
  PretrainingCurve(const ComparisonInputs& inputs, const Network& network, HeldOutLoss loss,
                   const EvaluateOptions& options, const ComparisonRow& row, uint64_t stream,
                   int64_t count, const Observer& observer);

  void after_step(int64_t step, const torch::Tensor& theta);

  // One for each step and downstream set: the representation loss, and the accuracy of a linear
  // probe on as many labels as the largest budget has.
  const std::vector<CurvePoint>& points() const { return points_; }

 private:
  const ComparisonInputs& inputs_;
  const Network& network_;
  HeldOutLoss loss_;
  const EvaluateOptions& options_;
  CurvePoint point_;
  uint64_t stream_;
  const Observer& observer_;
  std::set<int64_t> steps_;
  std::vector<CurvePoint> points_;
};

// The curves as metrics: "evaluate/METHOD/ENCODER/seed 0/representation_loss" and ".../accuracy,
// DATASET".
void report_metrics(const std::vector<CurvePoint>& points, Observer& observer);

}  // namespace mkdt
