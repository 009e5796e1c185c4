// What one outer iteration asks of the synthetic set: from where a student is trained on it, and
// what it should then be good at.
#pragma once

#include <functional>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/distill/distill_state.h"
#include "mkdt/distill/meta_gradient.h"

namespace mkdt {

struct OuterTask {
  torch::Tensor theta_start;          // θ_0, [P], where the differentiated steps begin
  OuterObjective objective;           // J of where they end
  torch::Tensor velocity_start = {};  // v_0, [P], of their momentum; undefined is 0
};

// The task of the iteration that follows `state`; what is random about it comes from `generator`.
using DrawOuterTask = std::function<OuterTask(const DistillState& state, at::Generator& generator)>;

}  // namespace mkdt
