#include "mkdt/report/dataset/set_recipe.h"

#include <charconv>
#include <cmath>
#include <string>
#include <system_error>

#include "mkdt/core/parse_integer.h"
#include "mkdt/report/dataset/set_entry.h"

namespace mkdt {
namespace {

std::optional<double> number(const std::string& text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

}  // namespace

std::optional<SetRecipe> set_recipe(const SyntheticSet& set) {
  const auto lr = number(set_entry(set, "recipe_lr"));
  const auto steps = parse_integer(set_entry(set, "recipe_steps"));
  const auto batch = parse_integer(set_entry(set, "recipe_batch"));
  const auto momentum = number(set_entry(set, "recipe_momentum"));
  const auto weight_decay = number(set_entry(set, "recipe_weight_decay"));
  if (!lr || !steps || !batch || !momentum || !weight_decay) return std::nullopt;
  return SetRecipe{*lr,
                   *steps,
                   *batch,
                   *momentum,
                   *weight_decay,
                   number(set_entry(set, "recipe_validation_loss")),
                   set_entry(set, "recipe_short_batches") == "true"};
}

}  // namespace mkdt
