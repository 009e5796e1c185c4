// Per-dimension standardisation of representations: (z − mean) / std.
#pragma once

#include <filesystem>

#include <torch/types.h>

namespace mkdt {

struct Standardisation {
  torch::Tensor mean;  // float32 [d]
  torch::Tensor std;   // float32 [d], > 0

  // float [N,d] → float32 [N,d].
  torch::Tensor apply(const torch::Tensor& values) const;
};

// Statistics of the training images' representations, float [N,d] with N ≥ 1, accumulated in
// float64, with the biased variance. A dimension that hardly moves is not blown up: no std is taken
// as less than `floor` times the largest one (1 if all are zero).
Standardisation fit_standardisation(const torch::Tensor& values, double floor = 1e-3);

// A safetensors file with the tensors mean and std, to be kept beside the representations:
// whatever else is embedded later must be standardised alike.
void write_standardisation(const std::filesystem::path& path, const Standardisation& values);
// Error naming `path` if it is malformed or not for `dim` dimensions.
Standardisation read_standardisation(const std::filesystem::path& path, int64_t dim);

}  // namespace mkdt
