// The product, synthetic images with target representations, and its file.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <torch/types.h>

#include "mkdt/data/normalisation.h"

namespace mkdt {

struct SyntheticSet {
  torch::Tensor images;   // float32 [M,C,H,W] in normalised space
  torch::Tensor targets;  // float32 [M,d]; [M,0] where self-supervision made the set
  double syn_lr = 0;      // α, the learned rate of plain SGD steps on it
  Normalisation normalisation;
  std::map<std::string, std::string> provenance;  // config, seed, version, pre-training recipe, …

  int64_t size() const { return images.size(0); }
};

// The file is a safetensors file with tensors images, targets, syn_lr, mean, std;
// docs/reference/formats.md describes it.
SyntheticSet read_synthetic_set(const std::filesystem::path& path);
void write_synthetic_set(const std::filesystem::path& path, const SyntheticSet& set);

}  // namespace mkdt
