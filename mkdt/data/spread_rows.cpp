#include "mkdt/data/spread_rows.h"

#include <algorithm>

namespace mkdt {

torch::Tensor spread_rows(int64_t size, int64_t most) {
  const int64_t count = most > 0 ? std::min(size, most) : size;
  const torch::Tensor rows = torch::arange(count, torch::kInt64);
  return count < size ? rows.mul(size).floor_divide(count) : rows;
}

}  // namespace mkdt
