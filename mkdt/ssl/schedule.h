// The learning rate over a training: linear warm-up, then half a cosine down to zero.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace mkdt {

// The factor on the peak rate for step 0 ≤ `step` < `steps`: (step + 1) / warmup during the first
// `warmup` steps, then (1 + cos πt) / 2 with t from 0 to just below 1 (arXiv 1608.03983, eq. 5,
// without restarts).
inline double warmup_cosine(int64_t step, int64_t warmup, int64_t steps) {
  if (step < warmup) return static_cast<double>(step + 1) / static_cast<double>(warmup);
  const auto length = static_cast<double>(std::max<int64_t>(steps - warmup, 1));
  return 0.5 * (1 + std::cos(std::acos(-1.0) * static_cast<double>(step - warmup) / length));
}

}  // namespace mkdt
