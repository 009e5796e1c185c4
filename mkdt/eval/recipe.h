// How to pre-train on a set: learning rate and number of steps, chosen on held-out images.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/core/observer.h"
#include "mkdt/eval/pretraining.h"

namespace mkdt {

struct Recipe {
  double lr = 0.1;
  int64_t steps = 400;
  double validation_loss = 0;  // representation loss on the held-out images that chose it

  std::string text() const;  // "lr 0.1, 400 steps"
};

// `count` steps (all, if there are fewer), equally spaced, the last among them.
std::set<int64_t> spaced_steps(int64_t last, int64_t count);

struct RecipeSearch {
  std::vector<double> lrs;   // each is tried with the same initialisation and batches
  int64_t max_steps = 400;   // length of each trial
  int64_t evaluations = 10;  // points of each trial, equally spaced, at which to stop could pay
};

// Where a recipe lies at the edge of the search's grid, so that a better one may lie outside:
// "lowest rate, fewest steps". Empty inside the grid, where there is no choice, and for a recipe
// that is not of this grid.
std::string edge_of(const RecipeSearch& search, const Recipe& recipe);

// One training run a rate from the encoder initialised by `seed`; the best (rate, steps) by the
// loss on held-out images. The same search for every method. Throws DivergedError if no rate
// survives.
Recipe search_recipe(const NetworkPtr& network, const Pretraining& pretraining,
                     const HeldOutLoss& held_out, const RecipeSearch& search,
                     const PretrainOptions& options, uint64_t seed, Observer& observer);

}  // namespace mkdt
