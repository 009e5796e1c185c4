// Measures how fast a task goes and how long a step takes, and limits how often a slow thing is
// done.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <torch/types.h>

namespace mkdt {

// Tells how fast a task goes, by the progress that it has reported so far. The task begins where
// this is made. Work that earlier runs have done of a resumed task does not count: the rate is
// measured from the first report on, unless that is of the first unit.
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

// Limits how often something is done that takes time and that nobody needs at every step. It is
// done at once the first time, then not before `least` has passed, nor before a hundred times as
// long as the last time took: at most a hundredth of the time goes there.
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

// How long something took each time that it was done.
using Seconds = std::vector<double>;

class Stopwatch {
 public:
  Stopwatch();
  // Returns the seconds since it was made, or since the last lap.
  double seconds() const;
  // Returns the same, and begins the next lap.
  double lap();

 private:
  std::chrono::steady_clock::time_point begin_;
};

// Times `body` once for each of `count` calls, until `device` has done what it was asked.
Seconds seconds_of(int64_t count, torch::Device device, const std::function<void()>& body);

// Returns the middle one, or the mean of the two middle ones; 0 for none.
double median(Seconds seconds);

// Calls `body` once to warm up, then as often as fits into `budget` seconds, but at least 2 and at
// most 50 times, and returns the median.
double typical_seconds(const std::function<void()>& body, double budget);

// Returns the time of day as in "2026-01-31T09:30:00Z".
std::string utc_now();

}  // namespace mkdt
