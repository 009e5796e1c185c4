// Start reading here: the synthetic set is optimised so that a student trained on it goes where
// the experts went.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mkdt/core/checkpoint.h"
#include "mkdt/core/observer.h"
#include "mkdt/distill/distill_options.h"
#include "mkdt/distill/distill_state.h"
#include "mkdt/distill/meta_gradient.h"
#include "mkdt/expert/trajectory.h"

namespace mkdt {

// The loss of one iteration's inner steps, on these batches. What is random about it comes from
// `generator`.
using DrawInnerLoss =
    std::function<InnerLoss(const std::vector<torch::Tensor>& batches, at::Generator& generator)>;

struct Distillation {
  NetworkPtr network;              // the students' architecture
  const TrajectoryStore& experts;  // of that architecture
  const DistillOptions& options;
  uint64_t seed = 0;
  torch::Device device;
  CheckpointPlan checkpoint;          // its key has no `iterations`, its steps are these
  DrawInnerLoss draw_loss = nullptr;  // none: the regression loss
  std::string name = "distill";       // the section of the options; names the curves too
};

// Trajectory matching (MKDT, arXiv 2410.02116, algorithm 1) from real images [M,C,H,W] in
// normalised space and their representations [M,d]. Goes on from the checkpoint where there is one
// for this key, with the same bits as an uninterrupted run; asking for more iterations than an
// earlier run did goes on too; asking for fewer is an Error, as its checkpoint would be lost. A
// checkpoint is written at the end, and before Stopped is thrown where the observer wants it.
// Throws Error if the loss stays non-finite, with the last good state in the checkpoint.
DistillState distill(const Distillation& distillation, const torch::Tensor& images,
                     const torch::Tensor& targets, Observer& observer);

}  // namespace mkdt
