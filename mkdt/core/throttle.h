// How often something is done that nobody needs at every step and that takes time.
#pragma once

#include <chrono>
#include <functional>

namespace mkdt {

// The first time at once, then not before `least` has passed, nor before a hundred times as long as
// the last time took: at most a hundredth of the time goes there.
class Throttle {
 public:
  explicit Throttle(std::chrono::steady_clock::duration least) : least_(least) {}

  // Calls `work` if it is time, or in any case if `now`.
  void call(const std::function<void()>& work, bool now = false);

 private:
  using Clock = std::chrono::steady_clock;

  Clock::duration least_;
  Clock::time_point next_;  // the clock's beginning: at once
};

}  // namespace mkdt
