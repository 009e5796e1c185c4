#include "mkdt/eval/comparison_store.h"

namespace mkdt {

void ComparisonStore::add(const ComparisonRow& row) {
  rows_[row.key] = row;
  save_rows();
}

void ComparisonStore::add_recipe(const std::string& key, const Recipe& recipe) {
  recipes_[key] = recipe;
  save_recipes();
}

void ComparisonStore::add_curve(const std::string& key, const std::vector<CurvePoint>& points) {
  curves_[key] = points;
  save_curves();
}

std::optional<TrainedEncoder> ComparisonStore::encoder(const std::string& key) const {
  const auto found = encoders_.find(key);
  if (found == encoders_.end()) return std::nullopt;
  return found->second;
}

void ComparisonStore::keep_encoder(const std::string& key, const TrainedEncoder& encoder) {
  encoders_[key] = encoder;
}

void ComparisonStore::drop_encoder(const std::string& key) { encoders_.erase(key); }

}  // namespace mkdt
