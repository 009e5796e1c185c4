// Keeps a curve of any length in little memory: once it is long, neighbours become their mean.
#pragma once

#include <cstdint>
#include <vector>

namespace mkdt::cli {

class ThinnedCurve {
 public:
  void add(double value);
  void clear() { *this = ThinnedCurve(); }

  // How many were added, and the last one of them.
  int64_t count() const { return count_; }
  double last() const { return last_; }

  // Returns the values in order, each the mean of as many; the last one may be of fewer. A mean is
  // that of the finite values, NaN if there are none.
  std::vector<double> values() const;

 private:
  void halve();

  std::vector<double> values_;
  int64_t stride_ = 1;  // values to a mean
  int64_t begun_ = 0;   // of these, in the mean that comes next
  int64_t finite_ = 0;
  double sum_ = 0;
  int64_t count_ = 0;
  double last_ = 0;
};

}  // namespace mkdt::cli
