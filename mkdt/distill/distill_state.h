// Where a distillation stands: all that the next iteration depends on, and the curve so far.
#pragma once

#include <string>
#include <vector>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/io/safetensors.h"
#include "mkdt/nn/update_rules.h"

namespace mkdt {

// Parts of checkpoints: tensors that may be undefined, and an optimiser's moments.

// Nothing for a tensor that is undefined; it is read as such.
void put_optional(TensorFile& file, const std::string& name, const torch::Tensor& tensor);
torch::Tensor take_optional(const TensorFile& file, const std::string& name, torch::Device device);

// NAME.first, NAME.second, NAME.steps; Error if the last is missing.
void put_moments(TensorFile& file, const std::string& name, const Moments& moments);
Moments take_moments(const TensorFile& file, const std::string& name, torch::Device device);

// Where a distillation stands: all that the next iteration depends on, and the curve so far.

// Updates replace tensors instead of writing into them, so a copy of the struct is a snapshot.
struct DistillState {
  torch::Tensor images;   // X, float32 [M,C,H,W]
  torch::Tensor targets;  // Z, float32 [M,d]
  double syn_lr = 0;      // α > 0
  Moments images_moments;
  Moments targets_moments;
  Moments syn_lr_moments;
  double rate_scale = 1;             // halved whenever a step had to be taken back
  std::vector<double> outer_losses;  // J of every iteration so far

  int64_t iteration() const { return static_cast<int64_t>(outer_losses.size()); }
};

// What a distillation goes on from.
struct DistillProgress {
  DistillState state;
  DistillState good;  // before the last update, to go back to; or equal to `state`
  at::Generator generator;
};

// As tensors, and back on `device`; Error naming the file if one is missing.
TensorFile to_tensors(const DistillProgress& progress);
DistillProgress distill_progress(const TensorFile& file, torch::Device device);

}  // namespace mkdt
