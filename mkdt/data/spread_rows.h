// A few rows of many, evenly spaced.
#pragma once

#include <cstdint>

#include <torch/types.h>

namespace mkdt {

// Ascending int64 [min(size, most)]: ⌊i · size / n⌋ for i = 0 … n−1; all rows if `most` is 0.
torch::Tensor spread_rows(int64_t size, int64_t most);

}  // namespace mkdt
