// The state of a teacher in training, as a file to continue from, and a monitor of whether its
// representations still tell images apart.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/io/safetensors.h"
#include "mkdt/nn/backbones/backbone.h"
#include "mkdt/ssl/optimiser.h"
#include "mkdt/ssl/ssl_algorithm.h"

namespace mkdt {

// Measures that need no labels.
struct EmbeddingSummary {
  double loss = 0;                               // mean over the steps
  double feature_std = 0, feature_rank = 0;      // of the encoder's features
  double embedding_std = 0, embedding_rank = 0;  // of the embeddings that the objective compares

  // Says why it looks as if the encoder had collapsed; empty if it does not.
  std::string collapse() const;
};

// Collects features and embeddings of an epoch's steps; deviations are means over its batches,
// ranks are of its last rows.
class EmbeddingMonitor {
 public:
  // features [B,F], embeddings [B,D]; gradients are not followed.
  void add(double loss, const torch::Tensor& features, const torch::Tensor& embeddings);
  EmbeddingSummary summary() const;

  // Writes all of it under names with this prefix, and reads it back on `device`.
  void put(TensorFile& file, const std::string& prefix) const;
  static EmbeddingMonitor take(const TensorFile& file, const std::string& prefix,
                               torch::Device device);

 private:
  int64_t steps_ = 0;
  EmbeddingSummary sums_;
  std::vector<torch::Tensor> features_, embeddings_;  // of the last steps
};

// The place within the present epoch. At its beginning `generator` is undefined and the rest empty.
struct EpochState {
  int64_t steps = 0;         // steps that are done
  at::Generator generator;   // for views
  EmbeddingMonitor monitor;  // of the steps that are done
};

// Everything that changes during training. The order of an epoch's images is derived from the seed
// and its number.
struct TeacherState {
  std::shared_ptr<Backbone> encoder;
  std::shared_ptr<SslAlgorithm> algorithm;
  std::unique_ptr<Optimiser> optimiser;
  int64_t epochs_done = 0;
  EpochState epoch;
};

// Returns the state as tensors.
TensorFile to_tensors(const TeacherState& state);

// Takes over a state from to_tensors. Throws Error naming the file, with `state` unusable, if it is
// damaged.
void restore(TeacherState& state, const TensorFile& file);

}  // namespace mkdt
