// The options [pretrain], how encoders are pre-trained on a set, and the recipe, learning rate and
// number of steps, chosen on held-out images.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/base/observer.h"
#include "mkdt/base/options.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/distill/set_recipe.h"

namespace mkdt {

struct Recipe {
  double lr = 0.1;
  int64_t steps = 400;
  double validation_loss = 0;  // representation loss on the held-out images that chose it

  std::string text() const;  // recipe_text
};

// Returns "lr 0.1, 400 steps".
std::string recipe_text(double lr, int64_t steps);

// Returns `count` steps (all, if there are fewer), equally spaced, the last among them.
std::set<int64_t> spaced_steps(int64_t last, int64_t count);

struct RecipeSearch {
  std::vector<double> lrs;   // each is tried with the same initialisation and batches
  int64_t max_steps = 400;   // length of each trial
  int64_t evaluations = 10;  // points of each trial, equally spaced, at which to stop could pay
};

// Says where a recipe lies at the edge of the search's grid, so that a better one may lie outside:
// "lowest rate, fewest steps". Empty inside the grid, where there is no choice, and for a recipe
// that is not of this grid.
std::string edge_of(const RecipeSearch& search, const Recipe& recipe);

// Trains once for every rate from the encoder initialised by `seed`, and returns the best (rate,
// steps) by the loss on held-out images. Every method is searched alike. Throws DivergedError if no
// rate survives.
Recipe search_recipe(const NetworkPtr& network, const Pretraining& pretraining,
                     const HeldOutLoss& held_out, const RecipeSearch& search,
                     const TrainingOptions& options, uint64_t seed, Observer& observer);

// How encoders are pre-trained on a set before they are judged.

// The published protocol (arXiv 2410.02116, section 5) is recipe "fixed", epochs 20, lr 0.
struct PretrainOptions {
  std::string recipe = "search";
  std::vector<double> lrs = {0.02, 0.05, 0.1, 0.2};
  int64_t max_steps = 400;
  int64_t evaluations = 10;
  double lr = 0;
  int64_t steps = 400;
  int64_t epochs = 0;
  int64_t batch = 256;
  double momentum = 0.9;
  double weight_decay = 1e-4;
  bool short_batches = false;

  void declare(OptionSection& section);
  // Returns all of them as a part of keys: equal where they ask for the same. An option that came
  // later is left out while it is off, so that keys of earlier versions stay.
  std::string key_text() const;

  bool searches() const { return recipe == "search"; }
  RecipeSearch search() const { return {lrs, max_steps, evaluations}; }
  // Returns the grid of the search; none with a fixed recipe.
  std::optional<RecipeSearch> grid() const {
    return searches() ? std::optional(search()) : std::nullopt;
  }
  // Returns the recipe of a fixed protocol for a set of `set_size` images whose learned rate is
  // `syn_lr` (0: it has none).
  Recipe fixed(int64_t set_size, double syn_lr) const;
  TrainingOptions training(const Recipe& chosen) const;
  // That recipe as the set carries it which it was chosen for.
  SetRecipe carried(const Recipe& chosen) const;
};

// Chooses the recipe for a set as [pretrain] says: searched, or fixed. The stream of the search is
// derived from `seed` alone, so that every method is searched alike.
Recipe choose_recipe(const NetworkPtr& network, const Pretraining& pretraining,
                     const HeldOutLoss& held_out, const PretrainOptions& section, uint64_t seed,
                     Observer& observer);

}  // namespace mkdt
