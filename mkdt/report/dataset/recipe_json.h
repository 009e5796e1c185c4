// recipe.json: what a program needs beside the arrays to train on a published set.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "mkdt/distill/synthetic_set.h"

namespace mkdt {

// An object with the shapes of `images` and `targets`, `mean` and `std` of the normalisation,
// `syn_lr`, and `pretrain`: lr, steps, batch, momentum, weight_decay and validation_loss (null for
// a recipe that was given); null where the set has no recipe. Says that an export wrote it.
std::string recipe_json(const SyntheticSet& set);

// The value of `pretrain` alone.
nlohmann::ordered_json pretrain_entry(const SyntheticSet& set);

}  // namespace mkdt
