#include "cli/thinned_curve.h"

#include <cmath>
#include <cstddef>
#include <limits>

namespace mkdt::cli {
namespace {

constexpr size_t kMost = 1024;  // values that are kept; even

double mean_of(double sum, int64_t count) {
  return count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
}

double mean_of_two(double first, double second) {
  if (std::isnan(first)) return second;
  if (std::isnan(second)) return first;
  return first / 2 + second / 2;
}

}  // namespace

void ThinnedCurve::add(double value) {
  ++count_;
  last_ = value;
  ++begun_;
  if (std::isfinite(value)) {
    ++finite_;
    sum_ += value;
  }
  if (begun_ < stride_) return;
  values_.push_back(mean_of(sum_, finite_));
  begun_ = finite_ = 0;
  sum_ = 0;
  if (values_.size() == kMost) halve();
}

void ThinnedCurve::halve() {
  for (size_t i = 0; i < kMost / 2; ++i) {
    values_[i] = mean_of_two(values_[2 * i], values_[2 * i + 1]);
  }
  values_.resize(kMost / 2);
  stride_ *= 2;
}

std::vector<double> ThinnedCurve::values() const {
  std::vector<double> all = values_;
  if (begun_ > 0) all.push_back(mean_of(sum_, finite_));
  return all;
}

}  // namespace mkdt::cli
