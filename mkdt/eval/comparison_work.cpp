#include "mkdt/eval/comparison_work.h"

#include <algorithm>
#include <set>

namespace mkdt {
namespace {

PlannedWork& work_of(const PlannedEncoding& encoding, const ComparisonInputs& inputs,
                     std::vector<PlannedWork>& work) {
  const std::string& method = inputs.candidates[encoding.candidate].method;
  const std::string encoder = encoder_name(encoding, inputs);
  const auto known = std::find_if(work.begin(), work.end(), [&](const PlannedWork& entry) {
    return entry.method == method && entry.encoder == encoder;
  });
  if (known != work.end()) return *known;
  work.push_back({method, encoder});
  return work.back();
}

}  // namespace

bool finished(const PlannedEncoding& encoding, const ComparisonStore& store) {
  if (!encoding.curve_key.empty() && store.curve(encoding.curve_key) == nullptr) return false;
  return std::all_of(encoding.cells.begin(), encoding.cells.end(),
                     [&](const PlannedCell& cell) { return store.row(cell.key) != nullptr; });
}

bool trained(const PlannedEncoding& encoding, const ComparisonStore& store) {
  const bool curve_missing =
      !encoding.curve_key.empty() && store.curve(encoding.curve_key) == nullptr;
  return !curve_missing && store.encoder(encoding.key).has_value();
}

std::vector<PlannedWork> planned_work(const std::vector<PlannedEncoding>& plan,
                                      const ComparisonInputs& inputs, const ComparisonStore& store,
                                      ComparisonCost& cost) {
  std::vector<PlannedWork> work;
  std::set<std::string> searched;
  for (const PlannedEncoding& encoding : plan) {
    PlannedWork& entry = work_of(encoding, inputs, work);
    entry.cells += static_cast<int64_t>(encoding.cells.size());
    if (finished(encoding, store)) {
      entry.finished += static_cast<int64_t>(encoding.cells.size());
      continue;
    }
    const Recipe* known = store.recipe(encoding.recipe_key);
    if (known == nullptr && searched.insert(encoding.recipe_key).second) {
      entry.seconds += cost.recipe(encoding);
    }
    if (!trained(encoding, store)) entry.seconds += cost.encoder(encoding, known);
    for (size_t i = 0; i < encoding.cells.size(); ++i) {
      if (store.row(encoding.cells[i].key) != nullptr) {
        ++entry.finished;
      } else {
        entry.seconds += cost.cell(encoding, i);
      }
    }
  }
  return work;
}

double total_seconds(const std::vector<PlannedWork>& work) {
  double total = 0;
  for (const PlannedWork& entry : work) total += entry.seconds;
  return total;
}

}  // namespace mkdt
