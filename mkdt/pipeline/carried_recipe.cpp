#include "mkdt/pipeline/carried_recipe.h"

#include <charconv>
#include <cmath>
#include <system_error>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/parse_integer.h"

namespace mkdt {

std::string provenance_entry(const SyntheticSet& set, const std::string& key,
                             const std::filesystem::path& path) {
  const auto found = set.provenance.find(key);
  if (found != set.provenance.end()) return found->second;
  throw Error(fmt::format("{}: it has no metadata entry '{}'", path.string(), key));
}

Recipe carried_recipe(const SyntheticSet& set, const std::filesystem::path& path) {
  const std::string lr = provenance_entry(set, "recipe_lr", path);
  const std::string steps = provenance_entry(set, "recipe_steps", path);
  Recipe recipe;
  const auto [end, code] = std::from_chars(lr.data(), lr.data() + lr.size(), recipe.lr);
  recipe.steps = parse_integer(steps).value_or(0);
  if (code != std::errc() || end != lr.data() + lr.size() || !std::isfinite(recipe.lr) ||
      recipe.lr <= 0 || recipe.steps < 1) {
    throw Error(fmt::format("{}: its recipe is lr '{}', '{}' steps: expected positive numbers",
                            path.string(), lr, steps));
  }
  return recipe;
}

}  // namespace mkdt
