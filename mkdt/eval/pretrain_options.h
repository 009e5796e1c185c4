// [pretrain]: how encoders are pre-trained on a set before they are judged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mkdt/core/options.h"
#include "mkdt/eval/pretrain.h"
#include "mkdt/eval/recipe.h"

namespace mkdt {

// The published protocol (arXiv 2410.02116, section 5) is recipe "fixed", epochs 20, lr 0.
struct PretrainSection {
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
  // All of them, for keys: equal where what they ask for is. An option that came later is left out
  // while it is off, so that keys of earlier versions stay.
  std::string key_text() const;

  bool searches() const { return recipe == "search"; }
  RecipeSearch search() const { return {lrs, max_steps, evaluations}; }
  // The grid of the search; none with a fixed recipe.
  std::optional<RecipeSearch> grid() const {
    return searches() ? std::optional(search()) : std::nullopt;
  }
  // The recipe of a fixed protocol for a set of `set_size` images whose learned rate is `syn_lr`
  // (0: it has none).
  Recipe fixed(int64_t set_size, double syn_lr) const;
  PretrainOptions training(const Recipe& chosen) const;
};

}  // namespace mkdt
