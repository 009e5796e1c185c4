#include "mkdt/distill/set_recipe.h"

#include <fmt/format.h>

#include "mkdt/base/units.h"

namespace mkdt {
namespace {

constexpr const char* kRate = "recipe_lr";
constexpr const char* kSteps = "recipe_steps";
constexpr const char* kBatch = "recipe_batch";
constexpr const char* kMomentum = "recipe_momentum";
constexpr const char* kWeightDecay = "recipe_weight_decay";
constexpr const char* kShortBatches = "recipe_short_batches";
constexpr const char* kValidationLoss = "recipe_validation_loss";

constexpr const char* kYes = "true";

}  // namespace

std::string validation_loss_text(double loss) { return fmt::format("{:.5g}", loss); }

void put_recipe(const SetRecipe& recipe, std::map<std::string, std::string>& metadata) {
  const TrainingOptions& training = recipe.training;
  metadata[kRate] = fmt::format("{}", training.sgd.lr);
  metadata[kSteps] = std::to_string(recipe.steps);
  metadata[kBatch] = std::to_string(training.batch);
  metadata[kMomentum] = fmt::format("{}", training.sgd.momentum);
  metadata[kWeightDecay] = fmt::format("{}", training.sgd.weight_decay);
  if (training.short_batches) metadata[kShortBatches] = kYes;
  if (recipe.validation_loss) {
    metadata[kValidationLoss] = validation_loss_text(*recipe.validation_loss);
  }
}

std::optional<SetRecipe> take_recipe(std::map<std::string, std::string>& metadata) {
  const auto text = [&](const char* key) {
    const auto found = metadata.find(key);
    return found == metadata.end() ? std::string() : found->second;
  };
  const auto lr = parse_number(text(kRate)), momentum = parse_number(text(kMomentum)),
             weight_decay = parse_number(text(kWeightDecay));
  const auto steps = parse_integer(text(kSteps)), batch = parse_integer(text(kBatch));
  if (!lr || !steps || !batch || !momentum || !weight_decay || *lr <= 0 || *steps < 1) {
    return std::nullopt;
  }
  SetRecipe recipe;
  recipe.training = {*batch, {*lr, *momentum, *weight_decay}, text(kShortBatches) == kYes};
  recipe.steps = *steps;
  recipe.validation_loss = parse_number(text(kValidationLoss));
  for (const char* key : {kRate, kSteps, kBatch, kMomentum, kWeightDecay}) metadata.erase(key);
  if (recipe.training.short_batches) metadata.erase(kShortBatches);
  if (recipe.validation_loss) metadata.erase(kValidationLoss);
  return recipe;
}

}  // namespace mkdt
