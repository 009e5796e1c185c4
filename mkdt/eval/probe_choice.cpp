#include "mkdt/eval/probe_choice.h"

#include <algorithm>
#include <functional>

#include "mkdt/core/error.h"

namespace mkdt {

ProbeChoice choose_probe(const LabelledFeatures& train, const LabelledFeatures& validation,
                         int64_t classes, const std::vector<double>& l2s, int64_t iterations,
                         const Observer& observer) {
  if (l2s.empty()) throw Error("linear probe: expected at least one L2 weight, got none");
  std::vector<double> descending = l2s;
  std::sort(descending.begin(), descending.end(), std::greater<>());
  ProbeChoice best;
  double highest = -1;
  for (const double l2 : descending) {
    const LinearProbe probe =
        fit_linear_probe(train.features, train.labels, classes, {l2, iterations}, {}, observer);
    if (descending.size() == 1) return {probe, l2};
    const double found = accuracy(probe, validation.features, validation.labels, observer);
    if (found <= highest) continue;
    highest = found;
    best = {probe, l2};
  }
  return best;
}

}  // namespace mkdt
