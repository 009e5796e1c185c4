// How to pre-train on a set: learning rate and number of steps, chosen on held-out images.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/core/observer.h"
#include "mkdt/eval/pretrain.h"

namespace mkdt {

struct Recipe {
  double lr = 0.1;
  int64_t steps = 400;
  double validation_loss = 0;  // representation loss on the held-out images that chose it

  std::string text() const;  // "lr 0.1, 400 steps"
};

struct RecipeSearch {
  std::vector<double> lrs;   // each is tried with the same initialisation and batches
  int64_t max_steps = 400;   // length of each trial
  int64_t evaluations = 10;  // points of each trial, equally spaced, at which to stop could pay
};

// One training run a rate from the encoder initialised by `seed`; the best (rate, steps) by
// representation loss on `validation`. The same search for every method.
Recipe search_recipe(const Network& network, const RegressionSet& train,
                     const RegressionSet& validation, const RecipeSearch& search,
                     const PretrainOptions& options, uint64_t seed, Observer& observer);

}  // namespace mkdt
