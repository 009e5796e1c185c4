// Writes and reads the subsets of real images, files of row numbers.
#pragma once

#include <functional>
#include <string>

#include <torch/types.h>

#include "mkdt/run/run.h"

namespace mkdt {

// Write and read rows of the training images, int64 [M], sorted. `kind` is one of those in
// distill/subset.h.
void write_subset(const Run& run, const std::string& kind, const torch::Tensor& rows);
torch::Tensor read_subset(const Run& run, const std::string& kind);

// Returns Stage::reads for a stage that reads one subset (none for an empty kind) and all files of
// its other inputs.
std::function<bool(const std::string& file)> reads_subset(const std::string& kind);

}  // namespace mkdt
