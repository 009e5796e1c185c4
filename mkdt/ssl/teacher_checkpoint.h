// The state of a teacher in training, as a file to continue from.
#pragma once

#include <cstdint>
#include <memory>

#include <ATen/Generator.h>
#include <torch/optim/optimizer.h>

#include "mkdt/core/safetensors.h"
#include "mkdt/nn/backbone.h"
#include "mkdt/ssl/embedding_monitor.h"
#include "mkdt/ssl/ssl_algorithm.h"

namespace mkdt {

// Where the present epoch stands. At its beginning `generator` is undefined and the rest empty.
struct EpochState {
  int64_t steps = 0;         // done
  at::Generator generator;   // of views
  EmbeddingMonitor monitor;  // what the steps have shown
};

// Everything that changes during training. The order of an epoch's images is derived from the seed
// and its number.
struct TeacherState {
  std::shared_ptr<Backbone> encoder;
  std::shared_ptr<SslAlgorithm> algorithm;
  std::unique_ptr<torch::optim::Optimizer> optimiser;
  int64_t epochs_done = 0;
  EpochState epoch;
};

// As tensors, with those of libtorch's optimiser as bytes.
TensorFile to_tensors(const TeacherState& state);

// Takes over what to_tensors gave. Error naming the file, with `state` unusable, if it is damaged.
void restore(TeacherState& state, const TensorFile& file);

}  // namespace mkdt
