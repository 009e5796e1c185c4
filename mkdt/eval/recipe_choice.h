// The recipe for a set as [pretrain] wants it chosen: searched, or fixed.
#pragma once

#include <cstdint>

#include "mkdt/core/observer.h"
#include "mkdt/eval/pretrain_options.h"
#include "mkdt/eval/recipe.h"

namespace mkdt {

// `syn_lr` is the set's learned rate, 0 if it has none. The stream of the search is derived from
// `seed` alone, so that every method is searched alike.
Recipe choose_recipe(const Network& network, const RegressionSet& training,
                     const RegressionSet& validation, const PretrainSection& pretraining,
                     double syn_lr, uint64_t seed, Observer& observer);

}  // namespace mkdt
