// Which rows of a comparison belong in one table, and in which order methods and columns stand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mkdt/eval/comparison_row.h"

namespace mkdt {

struct ComparisonGroup {
  std::string dataset;
  std::string protocol;
  std::string encoder;
  std::vector<ComparisonRow> rows;
  std::vector<std::string> methods;  // in order of appearance
  std::vector<LabelBudget> budgets;  // ascending
  int64_t seeds = 0;                 // different ones

  std::string title() const;  // "cifar10, convnet, linear probe, 3 seeds"
};

// One group a (data set, protocol, encoder), in order of appearance. The teacher's features are no
// encoder's: its rows are in every group of their data set and protocol, or in a group of their own
// if nothing else is.
std::vector<ComparisonGroup> comparison_groups(const std::vector<ComparisonRow>& rows);

// False for what a small set is measured against: all images ("full"), the teacher ("teacher") and
// self-supervised training on all images ("ssl"). These are never the best of a column.
bool competes(const std::string& method);

// For people: "linear probe", "fine-tuning", "k-NN", or the name itself.
std::string protocol_text(const std::string& protocol);

}  // namespace mkdt
