// OuterTask, which one outer iteration sets the synthetic set: from where a student is trained on
// it, and what it should then be good at.
#pragma once

#include <functional>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/distill/distill_state.h"
#include "mkdt/distill/meta_gradient.h"

namespace mkdt {

struct OuterTask {
  torch::Tensor theta_start;          // θ_0, [P], where the differentiated steps begin
  OuterObjective objective;           // J at their end
  torch::Tensor velocity_start = {};  // v_0, [P], of their momentum; undefined is 0
};

// Draws the task of the iteration that follows `state`; random choices come from `generator`.
using DrawOuterTask = std::function<OuterTask(const DistillState& state, at::Generator& generator)>;

}  // namespace mkdt
