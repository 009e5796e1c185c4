// The course of pre-trainings as a tidy table.
#pragma once

#include <string>
#include <vector>

#include "mkdt/eval/comparison_store.h"

namespace mkdt {

// A header and a line a point: method, encoder, seed, step, representation_loss, dataset, labels,
// accuracy.
std::string curves_csv(const std::vector<CurvePoint>& points);

}  // namespace mkdt
