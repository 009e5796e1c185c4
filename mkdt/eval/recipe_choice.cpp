#include "mkdt/eval/recipe_choice.h"

#include "mkdt/core/random.h"

namespace mkdt {

Recipe choose_recipe(const Network& network, const RegressionSet& training,
                     const RegressionSet& validation, const PretrainSection& pretraining,
                     double syn_lr, uint64_t seed, Observer& observer) {
  if (!pretraining.searches()) return pretraining.fixed(training.size(), syn_lr);
  return search_recipe(network, training, validation, pretraining.search(),
                       pretraining.training({}), derive_seed(seed, "eval/search"), observer);
}

}  // namespace mkdt
