// Reads a synthetic set's provenance: how the set was made, and how to train on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "mkdt/distill/synthetic_set.h"

namespace mkdt {

// Returns the provenance's entry; empty where there is none.
inline std::string set_entry(const SyntheticSet& set, const std::string& key) {
  const auto found = set.provenance.find(key);
  return found == set.provenance.end() ? "" : found->second;
}

// How a synthetic set was made, for those who read its card.
struct SetMethod {
  std::string name;         // "MKDT"
  std::string description;  // what follows "distilled by …"; Markdown
  std::string command;      // of mkdt, that makes such a set from config.toml
  std::string bibtex;       // of the papers that it is from
};

// Returns the method by the entries `method` and `objective` of the provenance (compare/methods.h);
// MKDT where there is no `method`. Throws Error for a method that is not known or makes no set.
SetMethod set_method(const SyntheticSet& set);

// Returns recipe.json, which has what a program needs beside the arrays to train on a published
// set: an object with the shapes of `images` and `targets`, `mean` and `std` of the normalisation,
// `syn_lr`, and `pretrain`: lr, steps, batch, momentum, weight_decay and validation_loss (null for
// a recipe that was given); null where the set has no recipe. It says that an export wrote it.
std::string recipe_json(const SyntheticSet& set);

// Returns the value of `pretrain` alone.
nlohmann::ordered_json pretrain_entry(const SyntheticSet& set);

}  // namespace mkdt
