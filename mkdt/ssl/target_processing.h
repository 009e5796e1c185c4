// Processes representations before students regress them: PCA, standardisation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <torch/types.h>

#include "mkdt/base/observer.h"
#include "mkdt/base/options.h"
#include "mkdt/data/representations.h"

namespace mkdt {

struct ProcessingOptions {
  int64_t pca = 0;           // dimensions that are left; 0: all, as they are
  bool standardise = false;  // after the PCA

  void declare(OptionSection& section);
  // Tells whether there is anything to do.
  bool any() const { return pca > 0 || standardise; }
  // Throws Error if representations of `dim` dimensions have fewer than are asked for.
  void check(int64_t dim) const;
};

// Maps z ↦ ((z − mean) · axes) / std, where there are any.
struct TargetProcessing {
  torch::Tensor mean;  // float32 [d], undefined: nothing is done
  torch::Tensor axes;  // float32 [d,k], orthonormal columns; undefined: all dimensions are kept
  torch::Tensor std;   // float32 [k], > 0; undefined: not divided

  // Maps float [N,d] to float32 [N,k].
  torch::Tensor apply(const torch::Tensor& values) const;
  // Returns how many dimensions come out of d.
  int64_t outputs(int64_t dim) const { return axes.defined() ? axes.size(1) : dim; }
  // Describes itself as "none", "standardise", "pca 64", "pca 64, standardise".
  std::string description() const;
};

// Takes the statistics of the training images' representations, N ≥ 1 rows, accumulated in float64
// in blocks. PCA takes the eigenvectors of the covariance with the largest eigenvalues, largest
// first, each with the sign that makes its largest component positive. Standardisation divides by
// the deviations (biased variance) along the remaining dimensions; one that hardly moves is not
// blown up: no std is taken as less than 1e-3 of the largest one (1 if all are zero). Throws Error
// as options.check does, and Stopped within a block of the wish to stop.
TargetProcessing fit_processing(const RowBlocks& values, const ProcessingOptions& options,
                                const Observer& observer = Observer());

// The processing is kept in a safetensors file beside the representations, since later ones have to
// be treated alike.
void write_processing(const std::filesystem::path& path, const TargetProcessing& processing);
// Throws Error naming `path` if it is malformed or not for `dim` dimensions.
TargetProcessing read_processing(const std::filesystem::path& path, int64_t dim);

}  // namespace mkdt
