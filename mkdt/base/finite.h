// Checks numbers where they come in or arise: none may be infinite or NaN.
#pragma once

#include <string>
#include <vector>

#include <torch/types.h>

namespace mkdt {

// The tensor may have any shape, type and device; an empty one is finite.
bool all_finite(const torch::Tensor& values);
// Checks several tensors, on any devices, and waits only once for those that are not on the CPU.
// Undefined ones do not count.
bool all_finite(const std::vector<torch::Tensor>& tensors);

// Throws Error "WHAT has values that are not finite numbers" where one is not.
void expect_finite(const torch::Tensor& values, const std::string& what);

}  // namespace mkdt
