#include "mkdt/eval/label_subset.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "mkdt/core/random.h"

namespace mkdt {
namespace {

int64_t count_of(const LabelBudget& budget, int64_t size) {
  if (budget.per_class > 0) return std::min(budget.per_class, size);
  return std::max<int64_t>(1, std::llround(budget.fraction * static_cast<double>(size)));
}

}  // namespace

torch::Tensor label_subset(const torch::Tensor& labels, const LabelBudget& budget, uint64_t seed) {
  check_label_budget(budget, "labels");
  const torch::Tensor on_cpu = labels.to(torch::kCPU, torch::kLong).contiguous();
  std::vector<std::vector<int64_t>> rows_of_class;
  const auto* label = on_cpu.data_ptr<int64_t>();
  for (int64_t row = 0; row < on_cpu.numel(); ++row) {
    const auto index = static_cast<size_t>(label[row]);
    if (index >= rows_of_class.size()) rows_of_class.resize(index + 1);
    rows_of_class[index].push_back(row);
  }

  std::vector<int64_t> chosen;
  for (size_t index = 0; index < rows_of_class.size(); ++index) {
    const std::vector<int64_t>& rows = rows_of_class[index];
    if (rows.empty()) continue;
    const auto size = static_cast<int64_t>(rows.size());
    const int64_t count = count_of(budget, size);
    at::Generator generator = make_generator(seed, "eval/labels", index);
    const torch::Tensor order = torch::randperm(size, generator, torch::kLong);
    const auto* place = order.data_ptr<int64_t>();
    for (int64_t i = 0; i < count; ++i) chosen.push_back(rows[static_cast<size_t>(place[i])]);
  }
  std::sort(chosen.begin(), chosen.end());
  return torch::tensor(chosen, torch::kLong);
}

LabelBudget available_budget(const LabelBudget& asked, const torch::Tensor& labels) {
  if (asked.per_class == 0 || labels.numel() == 0) return asked;
  const auto largest = labels.bincount().max().item<int64_t>();
  return asked.per_class < largest ? asked : LabelBudget::part(1);
}

}  // namespace mkdt
