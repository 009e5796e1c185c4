#include "mkdt/core/step_time.h"

#include <algorithm>

#include "mkdt/core/device.h"

namespace mkdt {

using Clock = std::chrono::steady_clock;

Stopwatch::Stopwatch() : begin_(Clock::now()) {}

double Stopwatch::seconds() const {
  return std::chrono::duration<double>(Clock::now() - begin_).count();
}

double Stopwatch::lap() {
  const double passed = seconds();
  begin_ = Clock::now();
  return passed;
}

Seconds seconds_of(int64_t count, torch::Device device, const std::function<void()>& body) {
  Seconds seconds;
  Stopwatch watch;
  for (int64_t i = 0; i < count; ++i) {
    body();
    synchronise(device);
    seconds.push_back(watch.lap());
  }
  return seconds;
}

double median(Seconds seconds) {
  if (seconds.empty()) return 0;
  std::sort(seconds.begin(), seconds.end());
  const size_t middle = seconds.size() / 2;
  if (seconds.size() % 2 == 1) return seconds[middle];
  return (seconds[middle - 1] + seconds[middle]) / 2;
}

double typical_seconds(const std::function<void()>& body, double budget) {
  constexpr size_t kLeast = 2, kMost = 50;
  body();
  Seconds seconds;
  double total = 0;
  while (seconds.size() < kLeast || (total < budget && seconds.size() < kMost)) {
    seconds.push_back(seconds_of(1, torch::kCPU, body).front());
    total += seconds.back();
  }
  return median(seconds);
}

}  // namespace mkdt
