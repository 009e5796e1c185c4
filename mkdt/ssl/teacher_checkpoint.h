// The state of a teacher in training, as a file to continue from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <torch/optim/optimizer.h>

#include "mkdt/core/observer.h"
#include "mkdt/nn/backbone.h"
#include "mkdt/ssl/ssl_algorithm.h"

namespace mkdt {

// Everything that changes during training. There is no generator: each epoch's is derived from the
// seed and the epoch's number.
struct TeacherState {
  std::shared_ptr<Backbone> encoder;
  std::shared_ptr<SslAlgorithm> algorithm;
  std::unique_ptr<torch::optim::Optimizer> optimiser;
  int64_t epochs_done = 0;
};

// `identity` says what the training is of: a checkpoint is continued only under the same one.
void write_teacher_checkpoint(const std::filesystem::path& path, const TeacherState& state,
                              const std::string& identity);

// Continues `state` from the file. False, with `state` unchanged, if there is none, or (with a
// warning) if it is of another training. Error if the file is damaged.
bool resume_teacher(const std::filesystem::path& path, const std::string& identity,
                    TeacherState& state, Observer& observer);

}  // namespace mkdt
