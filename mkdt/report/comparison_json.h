// Writes a comparison's rows as the page's JSON: means over seeds with their intervals.
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "mkdt/compare/comparison_store.h"

namespace mkdt {

// Returns every method that there is, in the order of tables: name, meaning, whether it competes.
nlohmann::ordered_json methods_json();

// Returns one object for each method, encoder, data set, protocol and label budget; the teacher's
// stand with every encoder. Accuracies and losses are given as mean, sample standard deviation and
// 95 % interval of Student's t over seeds; differences to the baseline are paired by seed
// (compare/statistics.h).
nlohmann::ordered_json cells_json(const std::vector<ComparisonRow>& rows);

// Returns the whole comparison; null for no rows.
nlohmann::ordered_json comparison_json(const std::vector<ComparisonRow>& rows,
                                       const std::vector<CurvePoint>& pretraining);

}  // namespace mkdt
