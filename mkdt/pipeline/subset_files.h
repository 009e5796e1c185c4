// The subsets of real images as files: which rows, and why.
#pragma once

#include <string>

#include <torch/types.h>

#include "mkdt/pipeline/run.h"

namespace mkdt {

// Rows of the training images, int64 [M], sorted. `kind` is "random", "high-loss" or "k-means".
void write_subset(const Run& run, const std::string& kind, const torch::Tensor& rows);
torch::Tensor read_subset(const Run& run, const std::string& kind);

}  // namespace mkdt
