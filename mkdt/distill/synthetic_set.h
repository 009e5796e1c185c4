// The product, synthetic images with target representations, and its file.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/data/normalisation.h"
#include "mkdt/distill/set_recipe.h"

namespace mkdt {

struct SyntheticSet {
  torch::Tensor images;   // float32 [M,C,H,W] in normalised space
  torch::Tensor targets;  // float32 [M,d]; [M,0] where self-supervision made the set
  double syn_lr = 0;      // α, the learned rate of plain SGD steps on it
  Normalisation normalisation;
  std::map<std::string, std::string> provenance;  // config, seed, version, …
  // How to pre-train on it; none where self-supervision made it.
  std::optional<SetRecipe> recipe = std::nullopt;

  int64_t size() const { return images.size(0); }
};

// A set as a learner gives it, with neither provenance nor recipe yet, and the loss of every
// iteration that made it.
struct LearnedSet {
  SyntheticSet set;
  std::vector<double> losses;
};

// The file is a safetensors file with tensors images, targets, syn_lr, mean, std;
// docs/reference/formats.md describes it.
SyntheticSet read_synthetic_set(const std::filesystem::path& path);
void write_synthetic_set(const std::filesystem::path& path, const SyntheticSet& set);

// Returns the set's provenance with its recipe among the entries, as files have them; and takes
// both out of such entries.
std::map<std::string, std::string> metadata_of(const SyntheticSet& set);
void take_metadata(std::map<std::string, std::string> metadata, SyntheticSet& set);

// Both throw Error naming `path`, where the set was read from: if its provenance has no such entry;
// if it has no recipe, or one that is none.
const std::string& provenance_entry(const SyntheticSet& set, const std::string& key,
                                    const std::filesystem::path& path);
const SetRecipe& carried_recipe(const SyntheticSet& set, const std::filesystem::path& path);

}  // namespace mkdt
