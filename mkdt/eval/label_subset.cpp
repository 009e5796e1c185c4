#include "mkdt/eval/label_subset.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/random.h"

namespace mkdt {

torch::Tensor label_subset(const torch::Tensor& labels, double fraction, uint64_t seed) {
  if (!(fraction > 0 && fraction <= 1)) {
    throw Error(
        fmt::format("label fraction: expected more than 0 and at most 1, got {}", fraction));
  }
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
    const auto count =
        std::max<int64_t>(1, std::llround(fraction * static_cast<double>(rows.size())));
    at::Generator generator = make_generator(seed, "eval/labels", index);
    const torch::Tensor order = torch::randperm(size, generator, torch::kLong);
    const auto* place = order.data_ptr<int64_t>();
    for (int64_t i = 0; i < count; ++i) chosen.push_back(rows[static_cast<size_t>(place[i])]);
  }
  std::sort(chosen.begin(), chosen.end());
  return torch::tensor(chosen, torch::kLong);
}

}  // namespace mkdt
