// The recipe for a set as [pretrain] wants it chosen: searched, or fixed.
#pragma once

#include <cstdint>

#include "mkdt/core/observer.h"
#include "mkdt/eval/pretrain_options.h"
#include "mkdt/eval/recipe.h"

namespace mkdt {

// The stream of the search is derived from `seed` alone, so that every method is searched alike.
Recipe choose_recipe(const NetworkPtr& network, const Pretraining& pretraining,
                     const HeldOutLoss& held_out, const PretrainSection& section, uint64_t seed,
                     Observer& observer);

}  // namespace mkdt
