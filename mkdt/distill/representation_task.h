// Matches what a student does instead of where it stands: after training on the synthetic set it
// should represent real images as the teacher does. No experts are needed.
#pragma once

#include <memory>

#include "mkdt/base/observer.h"
#include "mkdt/distill/distill_options.h"
#include "mkdt/distill/outer_task.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/nn/regression.h"

namespace mkdt {

// Draws tasks. A fresh student takes a uniformly random number of SGD steps on the synthetic set,
// like the inner ones (rate α, momentum), 0 … options.max_free_steps, without gradient: it then
// stands at θ_0, with its velocity v_0. J(θ_N) is its regression loss on `real_batch` real images,
// drawn without replacement (random truncated back-propagation through time, RaT-BPTT, Feng et al.,
// ICLR 2024, arXiv 2310.13863, with the regression to the teacher in place of a classification
// loss). Network, options and observer outlive the tasks, which are for one thread at a time and
// throw Stopped between those steps where the observer wants to stop.
DrawOuterTask representation_tasks(const Network& network, RegressionSet real,
                                   const DistillOptions& options, const Observer& observer);

// Takes one of those steps, on the images `rows` (int64 [B]) of the set: SGD without weight decay,
// as the inner steps are.
void free_step(const Network& network, Student& student, const DistillState& state,
               const torch::Tensor& rows, const DistillOptions& options);

// Computes J(θ) = L(θ; X, Z) on these images [B,C,H,W] and targets [B,d], with its gradient.
OuterObjective regression_objective(std::shared_ptr<RegressionGradient> gradient,
                                    const torch::Tensor& images, const torch::Tensor& targets);

}  // namespace mkdt
