#include "mkdt/data/image_splits.h"

#include <algorithm>

namespace mkdt {

torch::Tensor first_rows(int64_t size, int64_t limit) {
  return torch::arange(limit > 0 ? std::min(size, limit) : size, torch::kInt64);
}

}  // namespace mkdt
