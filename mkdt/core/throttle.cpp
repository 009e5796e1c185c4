#include "mkdt/core/throttle.h"

#include <algorithm>

namespace mkdt {

void Throttle::call(const std::function<void()>& work, bool now) {
  constexpr int kShare = 100;
  const Clock::time_point begin = Clock::now();
  if (!now && begin < next_) return;
  work();
  const Clock::time_point end = Clock::now();
  next_ = end + std::max<Clock::duration>(least_, kShare * (end - begin));
}

}  // namespace mkdt
