// Start reading here: the synthetic set is optimised so that a student trained on it goes where the
// experts went, or does what the teacher does.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mkdt/base/observer.h"
#include "mkdt/distill/distill_options.h"
#include "mkdt/distill/distill_state.h"
#include "mkdt/distill/meta_gradient.h"
#include "mkdt/distill/outer_task.h"
#include "mkdt/distill/synthetic_set.h"
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

// Runs MKDT (arXiv 2410.02116), algorithm 1, from the images, targets and syn_lr of `start`: real
// images, or a set to continue. Resumes from the checkpoint where there is one for this key, with
// the same bits as an uninterrupted run; so more iterations than an earlier run's continue it, and
// fewer are an Error, as its checkpoint would be lost. A checkpoint is written at the end, and
// before Stopped is thrown where the observer wants it. Throws Error if the loss stays non-finite,
// with the last good state in the checkpoint.
DistillState distill(const Distillation& distillation, const SyntheticSet& start,
                     Observer& observer);

}  // namespace mkdt
