// Where the training of one expert stands.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/core/safetensors.h"
#include "mkdt/nn/regression.h"

namespace mkdt {

struct ExpertProgress {
  Student student;
  std::vector<torch::Tensor> thetas;  // [P] before training and after every epoch, as stored
  std::vector<double> losses;         // of every whole epoch
  at::Generator epoch_start;          // as it was before this epoch's batches were drawn
  at::Generator generator;            // as it is now
  int64_t steps = 0;                  // of this epoch
  double loss_sum = 0;                // over its images
};

// As tensors, and back on `device`; Error naming the file if one is missing.
TensorFile to_tensors(const ExpertProgress& progress);
ExpertProgress expert_progress(const TensorFile& file, torch::Device device);

}  // namespace mkdt
