// Seconds of something that is done over and over, from a few times of doing it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include <torch/types.h>

namespace mkdt {

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
