// Where KRR-ST stands: all that the next step depends on, and the curve so far.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/distill/outer_optimiser.h"
#include "mkdt/nn/regression.h"

namespace mkdt {

struct PoolStudent {
  Student student;
  int64_t age = 0;  // SGD steps since it was initialised
};

struct KrrStState {
  torch::Tensor images;   // X, float32 [M,C,H,W]
  torch::Tensor targets;  // Y, float32 [M,d]
  Moments images_moments;
  Moments targets_moments;
  std::vector<PoolStudent> pool;
  std::vector<double> losses;  // of every step so far

  int64_t step() const { return static_cast<int64_t>(losses.size()); }
};

// `key` says what the state belongs to: options and inputs. The generator's state is included.
void write_krr_st_checkpoint(const std::filesystem::path& path, const std::string& key,
                             const KrrStState& state, const at::Generator& generator);

// Nothing if there is no readable file, or it has another key. Tensors arrive on `device`.
std::optional<KrrStState> read_krr_st_checkpoint(const std::filesystem::path& path,
                                                 const std::string& key, torch::Device device,
                                                 at::Generator& generator);

}  // namespace mkdt
