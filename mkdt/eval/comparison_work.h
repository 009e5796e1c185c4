// The work that a comparison still has to do, by method and encoder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mkdt/eval/comparison_cost.h"
#include "mkdt/eval/comparison_plan.h"
#include "mkdt/eval/comparison_store.h"

namespace mkdt {

struct PlannedWork {
  std::string method;
  std::string encoder;
  int64_t cells = 0;     // over all seeds
  int64_t finished = 0;  // of these
  double seconds = 0;    // estimated, for the rest
};

// Whether all its cells are there, and its curve.
bool finished(const PlannedEncoding& encoding, const ComparisonStore& store);

// Whether its pre-training, with its curve, was finished and is kept for the cells that are left.
bool trained(const PlannedEncoding& encoding, const ComparisonStore& store);

// In the order in which methods and encoders first come.
std::vector<PlannedWork> planned_work(const std::vector<PlannedEncoding>& plan,
                                      const ComparisonInputs& inputs, const ComparisonStore& store,
                                      ComparisonCost& cost);

double total_seconds(const std::vector<PlannedWork>& work);

}  // namespace mkdt
