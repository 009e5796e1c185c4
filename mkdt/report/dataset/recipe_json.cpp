#include "mkdt/report/dataset/recipe_json.h"

#include <nlohmann/json.hpp>

#include "mkdt/data/own_folders.h"
#include "mkdt/report/dataset/set_recipe.h"

namespace mkdt {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

Json pretrain_entry(const SyntheticSet& set) {
  const auto recipe = set_recipe(set);
  if (!recipe) return nullptr;
  Json entry;
  entry["lr"] = recipe->lr;
  entry["steps"] = recipe->steps;
  entry["batch"] = recipe->batch;
  if (recipe->short_batches) entry["short_batches"] = true;
  entry["momentum"] = recipe->momentum;
  entry["weight_decay"] = recipe->weight_decay;
  entry["validation_loss"] = recipe->validation_loss ? Json(*recipe->validation_loss) : nullptr;
  return entry;
}

std::string recipe_json(const SyntheticSet& set) {
  Json entry;
  entry["written_by"] = kWrittenByExport;
  entry["images"] = set.images.sizes().vec();
  entry["targets"] = set.targets.sizes().vec();
  entry["mean"] = set.normalisation.mean;
  entry["std"] = set.normalisation.std;
  entry["syn_lr"] = set.syn_lr;
  entry["pretrain"] = pretrain_entry(set);
  return entry.dump(2) + "\n";
}

}  // namespace mkdt
