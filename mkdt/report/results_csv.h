// The comparison as a tidy table for other programs: one line a cell.
#pragma once

#include <string>
#include <vector>

#include "mkdt/eval/comparison_row.h"

namespace mkdt {

// A header and a line a row: method, encoder, dataset, protocol, labels, seed, accuracy,
// top5_accuracy, balanced_accuracy, l2, representation_loss, fitted_head, lr, steps,
// validation_loss, key. Fields are quoted as RFC 4180 says where they need it, lines end in \n;
// what is absent or not finite is empty. Numbers are the shortest that give the same double.
std::string results_csv(const std::vector<ComparisonRow>& rows);

}  // namespace mkdt
