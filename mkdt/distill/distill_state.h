// The state of a distillation, all that the next iteration depends on and the curve so far, and its
// checkpoints.
#pragma once

#include <string>
#include <vector>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/io/safetensors.h"
#include "mkdt/nn/update_rules.h"

namespace mkdt {

// Writes nothing for a tensor that is undefined, and reads it as such.
void put_optional(TensorFile& file, const std::string& name, const torch::Tensor& tensor);
torch::Tensor take_optional(const TensorFile& file, const std::string& name, torch::Device device);

// Write and read NAME.first, NAME.second, NAME.steps. Throws Error if the last is missing.
void put_moments(TensorFile& file, const std::string& name, const Moments& moments);
Moments take_moments(const TensorFile& file, const std::string& name, torch::Device device);

// The synthetic set in the making, and the outer optimiser's memory. Updates replace tensors
// instead of writing into them, so a copy of the struct is a snapshot.
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

// A checkpoint's contents.
struct DistillProgress {
  DistillState state;
  DistillState good;  // before the last update, to return to; or equal to `state`
  at::Generator generator;
};

// Convert a checkpoint's contents to tensors, and back on `device`. Throws Error naming the file if
// one is missing.
TensorFile to_tensors(const DistillProgress& progress);
DistillProgress distill_progress(const TensorFile& file, torch::Device device);

}  // namespace mkdt
