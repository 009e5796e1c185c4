// Memory straight from the system, for the few large blocks that live through a computation: in
// the heap they would be cut up, or would not fit into the hole that the one before them left.
#pragma once

#include <torch/types.h>

namespace mkdt {

// Like torch::zeros; on a CPU its pages are taken from the system when they are first touched and
// given back with the tensor. Throws std::bad_alloc if the system has no address space left.
torch::Tensor zeros_on_pages(at::IntArrayRef sizes, const torch::TensorOptions& options);

}  // namespace mkdt
