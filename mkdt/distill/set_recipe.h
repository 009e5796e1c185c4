// The recipe that a synthetic set carries: all that it takes to pre-train on it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "mkdt/distill/pretrain.h"

namespace mkdt {

struct SetRecipe {
  TrainingOptions training;
  int64_t steps = 0;
  std::optional<double> validation_loss;  // the representation loss that chose it, if one did
};

// Puts a recipe among the entries of a file's metadata: recipe_lr, recipe_steps, recipe_batch,
// recipe_momentum, recipe_weight_decay and, where there are such, recipe_short_batches and
// recipe_validation_loss.
void put_recipe(const SetRecipe& recipe, std::map<std::string, std::string>& metadata);

// Takes a recipe out of such entries. Returns nothing, and leaves the entries as they were, where
// one is missing or not a number that it could be: rate and steps are positive.
std::optional<SetRecipe> take_recipe(std::map<std::string, std::string>& metadata);

// Writes a validation loss as files and pages have it: with five digits.
std::string validation_loss_text(double loss);

}  // namespace mkdt
