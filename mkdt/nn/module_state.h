// Parameters and buffers of a stateful module as named tensors, for files.
#pragma once

#include <map>
#include <string>

#include <torch/nn/module.h>

namespace mkdt {

// Copies on the CPU, by the module's dotted names ("layer1.0.conv1.weight") after `prefix`.
std::map<std::string, torch::Tensor> module_state(const torch::nn::Module& module,
                                                  const std::string& prefix = "");

// Overwrites every parameter and buffer. Error naming `origin` and the tensor if one is missing
// or has another shape or type; the module is then unchanged.
void load_module_state(torch::nn::Module& module,
                       const std::map<std::string, torch::Tensor>& tensors,
                       const std::string& origin, const std::string& prefix = "");

}  // namespace mkdt
