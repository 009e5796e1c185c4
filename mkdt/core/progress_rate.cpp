#include "mkdt/core/progress_rate.h"

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

}  // namespace mkdt
