// Whether representations still tell images apart: measures that need no labels.
#pragma once

#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/core/safetensors.h"

namespace mkdt {

struct EmbeddingSummary {
  double loss = 0;                               // mean over the steps
  double feature_std = 0, feature_rank = 0;      // of the encoder's features
  double embedding_std = 0, embedding_rank = 0;  // of what the objective compares

  // Why it looks as if the encoder had collapsed; empty if it does not.
  std::string collapse() const;
};

// Collects what the steps of an epoch see; deviations are means over its batches, ranks are of its
// last rows.
class EmbeddingMonitor {
 public:
  // features [B,F], embeddings [B,D]; gradients are not followed.
  void add(double loss, const torch::Tensor& features, const torch::Tensor& embeddings);
  EmbeddingSummary summary() const;

  // All of it under names with this prefix, and back on `device`.
  void put(TensorFile& file, const std::string& prefix) const;
  static EmbeddingMonitor take(const TensorFile& file, const std::string& prefix,
                               torch::Device device);

 private:
  int64_t steps_ = 0;
  EmbeddingSummary sums_;
  std::vector<torch::Tensor> features_, embeddings_;  // of the last steps
};

}  // namespace mkdt
