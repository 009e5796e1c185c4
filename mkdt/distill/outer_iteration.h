// One outer iteration of a distillation: the gradient of what it asks, and the step against it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mkdt/base/observer.h"
#include "mkdt/data/normalisation.h"
#include "mkdt/distill/distill_options.h"
#include "mkdt/distill/distill_state.h"
#include "mkdt/distill/meta_gradient.h"
#include "mkdt/distill/outer_task.h"
#include "mkdt/io/checkpoint.h"

namespace mkdt {

// Returns the loss of one iteration's inner steps, on these batches. Random choices come from
// `generator`.
using DrawInnerLoss =
    std::function<InnerLoss(const std::vector<torch::Tensor>& batches, at::Generator& generator)>;

struct Distillation {
  NetworkPtr network;  // the students' architecture
  const DistillOptions& options;
  uint64_t seed = 0;
  torch::Device device;
  CheckpointPlan checkpoint;                // its key has no `iterations`, its steps are these
  DrawOuterTask draw_task;                  // trajectory_task.h or representation_task.h
  std::string name = "distill";             // the section of the options; names the curves too
  std::string loss_name = "matching_loss";  // the curve of J
  DrawInnerLoss draw_loss = nullptr;        // none: the regression loss
  Normalisation normalisation = {};  // of the images, for observers of images; none: not shown
};

class OuterIteration {
 public:
  // `distillation` outlives it. `start_targets` are the targets [M,d] that the distillation starts
  // from: Adam's rates are relative to their spread.
  OuterIteration(const Distillation& distillation, const torch::Tensor& start_targets);

  // Draws where a student starts and what it should become, trains it for N steps on the set, and
  // differentiates J through all of them. Random choices come from `generator`. Throws Stopped
  // between inner steps where the observer wants it.
  MetaGradient gradient(const DistillState& state, at::Generator& generator,
                        const Observer& observer) const;

  // Moves images X, targets Z and learning rate α of `state` against the gradient.
  void update(DistillState& state, const MetaGradient& gradient) const;

 private:
  void update_syn_lr(DistillState& state, double gradient) const;

  const Distillation& run_;
  const DistillOptions& options_;
  MetaGradientEnginePtr engine_;  // keeps its memory from one iteration to the next
  NetworkPtr network_;
  OuterRule rule_;
  double target_spread_;  // Adam's rates are relative to it
};

}  // namespace mkdt
