#include "mkdt/eval/pretraining_curve.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "mkdt/eval/downstream_judge.h"

namespace mkdt {

PretrainingCurve::PretrainingCurve(const ComparisonInputs& inputs, const Network& network,
                                   HeldOutLoss loss, const EvaluateOptions& options,
                                   const ComparisonRow& row, uint64_t stream, int64_t count,
                                   const Observer& observer)
    : inputs_(inputs),
      network_(network),
      loss_(std::move(loss)),
      options_(options),
      stream_(stream),
      observer_(observer) {
  point_.method = row.method;
  point_.encoder = row.encoder;
  point_.seed = row.seed;
  steps_ = spaced_steps(row.recipe->steps, count);
}

void PretrainingCurve::after_step(int64_t step, const torch::Tensor& theta) {
  if (steps_.count(step) == 0) return;
  CurvePoint point = point_;
  point.step = step;
  point.representation_loss = loss_(network_, theta);
  if (!std::isfinite(point.representation_loss)) {
    throw DivergedError(fmt::format(
        "pre-training diverged: the representation loss is not finite after step {}", step));
  }
  if (inputs_.downstream.empty()) points_.push_back(point);
  for (const DownstreamSet& set : inputs_.downstream) {
    DownstreamJudge judge(set, network_, theta, options_, stream_, observer_);
    const LabelBudget& most = judge.largest();
    point.dataset = set.name;
    point.labels = most.code();
    point.accuracy = judge.judge("probe", most).accuracies.top1;
    points_.push_back(point);
  }
}

void report_metrics(const std::vector<CurvePoint>& points, Observer& observer) {
  int64_t last_step = -1;
  for (const CurvePoint& point : points) {
    const std::string name =
        fmt::format("evaluate/{}/{}/seed {}/", point.method, point.encoder, point.seed);
    if (point.step != last_step) {  // of a step there is a point for each data set
      observer.metric(name + "representation_loss", point.step, point.representation_loss);
    }
    last_step = point.step;
    if (point.accuracy) {
      observer.metric(name + "accuracy, " + point.dataset, point.step, *point.accuracy);
    }
  }
}

}  // namespace mkdt
