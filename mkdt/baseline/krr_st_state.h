// Where KRR-ST stands: all that the next step depends on, and the curve so far.
#pragma once

#include <vector>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/core/safetensors.h"
#include "mkdt/distill/outer_optimiser.h"
#include "mkdt/nn/regression.h"

namespace mkdt {

struct PoolStudent {
  Student student;
  int64_t age = 0;  // SGD steps since it was initialised
};

struct KrrStState {
  torch::Tensor images;   // X, float32 [M,C,H,W]
  torch::Tensor targets;  // Y, float32 [M,d]
  Moments images_moments;
  Moments targets_moments;
  std::vector<PoolStudent> pool;
  std::vector<double> losses;  // of every step so far

  int64_t step() const { return static_cast<int64_t>(losses.size()); }
};

// What KRR-ST goes on from.
struct KrrStProgress {
  KrrStState state;
  at::Generator generator;
};

// As tensors, and back on `device`; Error naming the file if one is missing.
TensorFile to_tensors(const KrrStProgress& progress);
KrrStProgress krr_st_progress(const TensorFile& file, torch::Device device);

}  // namespace mkdt
