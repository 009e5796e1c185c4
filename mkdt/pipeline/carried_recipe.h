// The recipe to pre-train on a synthetic set that its file carries.
#pragma once

#include <filesystem>
#include <string>

#include "mkdt/distill/synthetic_set.h"
#include "mkdt/eval/recipe.h"

namespace mkdt {

// Both throw Error naming `path`, where the set was read from, if an entry is missing or no
// positive number.
std::string provenance_entry(const SyntheticSet& set, const std::string& key,
                             const std::filesystem::path& path);
Recipe carried_recipe(const SyntheticSet& set, const std::filesystem::path& path);

}  // namespace mkdt
