#include "mkdt/eval/recipe_choice.h"

#include "mkdt/core/random.h"

namespace mkdt {

Recipe choose_recipe(const NetworkPtr& network, const Pretraining& pretraining,
                     const HeldOutLoss& held_out, const PretrainSection& section, uint64_t seed,
                     Observer& observer) {
  if (!section.searches()) return section.fixed(pretraining.set_size, pretraining.syn_lr);
  return search_recipe(network, pretraining, held_out, section.search(), section.training({}),
                       derive_seed(seed, "eval/search"), observer);
}

}  // namespace mkdt
