// Groups the rows of a comparison and makes tables of them: one table a downstream set, protocol
// and encoder, one row a method.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mkdt/compare/comparison_store.h"
#include "mkdt/publish/table.h"

namespace mkdt {

// The rows of a comparison that belong in one table, and the order in which methods and columns
// stand in it.
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

// Returns one group for each (data set, protocol, encoder), in order of appearance. The teacher's
// features are no encoder's: its rows are in every group of their data set and protocol, or in a
// group of their own if nothing else is.
std::vector<ComparisonGroup> comparison_groups(const std::vector<ComparisonRow>& rows);

// Returns false for the methods that a small set is measured against, such as all images
// (compare/methods.h), which are never the best of a column. Returns true for a name that is not
// one of ours: results may have others.
bool competes(const std::string& method);

// Returns the protocol's name for people: "linear probe", "fine-tuning", "k-NN", or the name
// itself.
std::string protocol_text(const std::string& protocol);

// Returns how many decimals a table's representation losses have: enough for three significant
// digits of the smallest loss, 3 to 8.
int loss_decimals(const std::vector<double>& losses);

// Returns the decimals for the means over seeds of these rows; rows without a loss count for
// nothing.
int loss_decimals(const std::vector<ComparisonRow>& rows);

// Returns one table a group. Columns: method, representation loss, top-1 accuracy in percent for
// each label budget; each as mean ± sample standard deviation over seeds. The best of each column
// is bold among the methods that compete.
std::vector<Table> comparison_tables(const std::vector<ComparisonRow>& rows);

// Returns such tables, without losses, for the top-5 and the balanced accuracy, where there are
// any.
std::vector<Table> further_tables(const std::vector<ComparisonRow>& rows);

}  // namespace mkdt
