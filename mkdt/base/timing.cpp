#include "mkdt/base/timing.h"

#include <algorithm>
#include <ctime>

#include <fmt/chrono.h>

#include "mkdt/base/device.h"

namespace mkdt {
namespace {

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

void ProgressRate::advance(int64_t done) {
  done_ = done;
  if (first_ >= 0) return;
  const bool from_the_beginning = done == 1;
  first_ = from_the_beginning ? 0 : done;
  if (!from_the_beginning) counted_from_ = Clock::now();
}

double ProgressRate::seconds() const { return seconds_since(begin_); }

double ProgressRate::per_second() const {
  const double elapsed = seconds_since(counted_from_);
  return first_ >= 0 && elapsed > 0 ? static_cast<double>(done_ - first_) / elapsed : 0;
}

void Throttle::call(const std::function<void()>& work, bool now) {
  constexpr int kShare = 100;
  const Clock::time_point begin = Clock::now();
  if (!now && begin < next_) return;
  work();
  const Clock::time_point end = Clock::now();
  next_ = end + std::max<Clock::duration>(least_, kShare * (end - begin));
}

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

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

}  // namespace mkdt
