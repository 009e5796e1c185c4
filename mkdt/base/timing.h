// How fast a task goes, how long a step takes, and how often something slow is done.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include <torch/types.h>

namespace mkdt {

// How fast a task goes, by what it has reported so far.

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

// How often something is done that nobody needs at every step and that takes time.

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

// Seconds of something that is done over and over, from a few times of doing it.

using Seconds = std::vector<double>;

class Stopwatch {
 public:
  Stopwatch();
  // Since it was made, or since the last lap.
  double seconds() const;
  // The same; the next one begins.
  double lap();

 private:
  std::chrono::steady_clock::time_point begin_;
};

// Of each of `count` times, until `device` has done what it was asked.
Seconds seconds_of(int64_t count, torch::Device device, const std::function<void()>& body);

// The middle one, the mean of two; 0 for none.
double median(Seconds seconds);

// Once to warm up; then the median of as many times as fit into `budget` seconds, but at least 2
// and at most 50.
double typical_seconds(const std::function<void()>& body, double budget);

}  // namespace mkdt
