// How fast a task goes, by what it has reported so far.
#pragma once

#include <chrono>
#include <cstdint>

namespace mkdt {

// The task begins where this is made. What earlier runs have done of a resumed task does not count:
// the rate is measured from the first report on, unless that is of the first unit.
class ProgressRate {
 public:
  void advance(int64_t done);

  double seconds() const;     // since the task began
  double per_second() const;  // units; 0 as long as it is not known

 private:
  using Clock = std::chrono::steady_clock;

  Clock::time_point begin_ = Clock::now();
  Clock::time_point counted_from_ = begin_;
  int64_t first_ = -1;  // done at that time; −1: nothing has been reported
  int64_t done_ = 0;
};

}  // namespace mkdt
