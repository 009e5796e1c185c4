// The recipe that a set carries in its provenance: how to pre-train on it.
#pragma once

#include <cstdint>
#include <optional>

#include "mkdt/distill/synthetic_set.h"

namespace mkdt {

struct SetRecipe {
  double lr = 0;
  int64_t steps = 0;
  int64_t batch = 0;
  double momentum = 0;
  double weight_decay = 0;
  std::optional<double> validation_loss;  // the representation loss that chose it, if one did
  bool short_batches = false;             // the last batch of a pass may be smaller
};

// Nothing where the set has none (that of MTT-SSL), and where an entry is not a number.
std::optional<SetRecipe> set_recipe(const SyntheticSet& set);

}  // namespace mkdt
