// How to train on a published set, for its card.
#pragma once

#include <string>

#include "mkdt/distill/synthetic_set.h"

namespace mkdt {

// Markdown: the recipe, and Python that follows it with load_torch.py.
std::string use_section(const SyntheticSet& set);

}  // namespace mkdt
