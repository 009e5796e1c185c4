// Where a distillation stands: all that the next iteration depends on, and the curve so far.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/distill/outer_optimiser.h"

namespace mkdt {

// Updates replace tensors instead of writing into them, so a copy of the struct is a snapshot.
struct DistillState {
  torch::Tensor images;   // X, float32 [M,C,H,W]
  torch::Tensor targets;  // Z, float32 [M,d]
  double syn_lr = 0;      // α > 0
  Moments images_moments;
  Moments targets_moments;
  Moments syn_lr_moments;
  double rate_scale = 1;                // halved whenever a step had to be taken back
  std::vector<double> matching_losses;  // J of every iteration so far

  int64_t iteration() const { return static_cast<int64_t>(matching_losses.size()); }
};

// `key` says what the state belongs to: options and inputs. The generator's state is included.
void write_checkpoint(const std::filesystem::path& path, const std::string& key,
                      const DistillState& state, const at::Generator& generator);

// Nothing if there is no readable file, or it has another key. Tensors arrive on `device`.
std::optional<DistillState> read_checkpoint(const std::filesystem::path& path,
                                            const std::string& key, torch::Device device,
                                            at::Generator& generator);

}  // namespace mkdt
