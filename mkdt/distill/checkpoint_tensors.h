// Parts of checkpoints: tensors that may be undefined, and an optimiser's moments.
#pragma once

#include <string>

#include <torch/types.h>

#include "mkdt/core/safetensors.h"
#include "mkdt/distill/outer_optimiser.h"

namespace mkdt {

// Nothing for a tensor that is undefined; it is read as such.
void put_optional(TensorFile& file, const std::string& name, const torch::Tensor& tensor);
torch::Tensor take_optional(const TensorFile& file, const std::string& name, torch::Device device);

// NAME.first, NAME.second, NAME.steps; Error if the last is missing.
void put_moments(TensorFile& file, const std::string& name, const Moments& moments);
Moments take_moments(const TensorFile& file, const std::string& name, torch::Device device);

}  // namespace mkdt
