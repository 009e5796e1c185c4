// A few of the labels of a set: what a downstream task with few annotations has.
#pragma once

#include <cstdint>

#include <torch/types.h>

#include "mkdt/eval/label_budget.h"

namespace mkdt {

// Sorted rows (int64 [n]) of a stratified sample: of each class, the budget's fraction of its
// images, rounded, and at least one; or the budget's count, and all images of a class that has
// fewer. Depends on the arguments only, so every method is given the same images. Both kinds take
// each class in the same random order: of two budgets, what a class gives to the smaller one is
// contained in what it gives to the larger one. labels: int64 [N] ≥ 0.
// Throws Error if the budget is none.
torch::Tensor label_subset(const torch::Tensor& labels, const LabelBudget& budget, uint64_t seed);

// What a budget comes to for these labels: all of them, 100 %, where no class has more than its
// count; else itself.
LabelBudget available_budget(const LabelBudget& asked, const torch::Tensor& labels);

}  // namespace mkdt
