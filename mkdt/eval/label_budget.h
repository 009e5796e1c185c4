// How many labels of a downstream set may be used: a part of them, or so many a class.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mkdt {

// One of the two is set: a fraction in (0, 1], or a count of at least 1 for each class.
struct LabelBudget {
  double fraction = 0;
  int64_t per_class = 0;

  static LabelBudget part(double fraction) { return {fraction, 0}; }
  static LabelBudget count(int64_t per_class) { return {0, per_class}; }

  std::string text() const;  // for people: "1 %", "10 a class"
  std::string code() const;  // for files: "1%", "10/class"; parse_label_budget reads it back
};

bool operator==(const LabelBudget& a, const LabelBudget& b);
bool operator!=(const LabelBudget& a, const LabelBudget& b);
// The order of columns: fractions ascending, then counts ascending.
bool operator<(const LabelBudget& a, const LabelBudget& b);

// Throws Error, naming `origin`, unless exactly one of the two is set and in its range.
void check_label_budget(const LabelBudget& budget, const std::string& origin);

// Throws Error, naming `origin`, unless `code` is what code() gives for a valid budget.
LabelBudget parse_label_budget(std::string_view code, const std::string& origin);

}  // namespace mkdt
