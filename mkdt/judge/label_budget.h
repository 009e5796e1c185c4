// Says how many labels of a downstream set may be used, a part of them or so many a class, and
// chooses which.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <torch/types.h>

namespace mkdt {

// Exactly one of the two is set: a fraction in (0, 1], or a count of at least 1 for each class.
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
// Orders budgets as columns are: fractions ascending, then counts ascending.
bool operator<(const LabelBudget& a, const LabelBudget& b);

// Throws Error, naming `origin`, unless exactly one of the two is set and in its range.
void check_label_budget(const LabelBudget& budget, const std::string& origin);

// Throws Error, naming `origin`, unless `code` is what code() gives for a valid budget.
LabelBudget parse_label_budget(std::string_view code, const std::string& origin);

// Returns the sorted rows (int64 [n]) of a stratified sample. Of each class it takes the budget's
// fraction of the images, rounded, and at least one; or the budget's count, and all images of a
// class that has fewer. The sample depends on the arguments only, so every method is given the same
// images. Both kinds of budget take each class in the same random order: of two budgets, what a
// class gives to the smaller one is contained in what it gives to the larger one. `labels` is int64
// [N] ≥ 0. Throws Error if the budget is not valid.
torch::Tensor label_subset(const torch::Tensor& labels, const LabelBudget& budget, uint64_t seed);

// Returns what a budget comes to for these labels: all of them, 100 %, where no class has more
// images than its count; otherwise the budget itself.
LabelBudget available_budget(const LabelBudget& asked, const torch::Tensor& labels);

}  // namespace mkdt
