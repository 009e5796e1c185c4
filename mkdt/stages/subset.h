// The subsets of real images as files: which rows, and why.
#pragma once

#include <functional>
#include <string>

#include <torch/types.h>

#include "mkdt/run/run.h"

namespace mkdt {

// Rows of the training images, int64 [M], sorted. `kind` is one of
// distill/subset.h.
void write_subset(const Run& run, const std::string& kind, const torch::Tensor& rows);
torch::Tensor read_subset(const Run& run, const std::string& kind);

// For a stage that reads one subset, or, for an empty kind, none, and everything else of its
// inputs.
std::function<bool(const std::string& file)> reads_subset(const std::string& kind);

}  // namespace mkdt
