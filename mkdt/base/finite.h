// Numbers that are neither infinite nor NaN, checked where they come in or arise.
#pragma once

#include <string>
#include <vector>

#include <torch/types.h>

namespace mkdt {

// Any shape, type and device; nothing is finite too.
bool all_finite(const torch::Tensor& values);
// Several at once, on any devices: waits once for one that is not the CPU. Undefined ones do not
// count.
bool all_finite(const std::vector<torch::Tensor>& tensors);

// Error "WHAT has values that are not finite numbers" otherwise.
void expect_finite(const torch::Tensor& values, const std::string& what);

}  // namespace mkdt
