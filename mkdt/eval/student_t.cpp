#include "mkdt/eval/student_t.h"

#include <cmath>

namespace mkdt {

double student_t_central(double t, int64_t degrees) {
  constexpr double kTwoOverPi = 0.63661977236758134308;
  const double angle = std::atan(t / std::sqrt(static_cast<double>(degrees)));
  const double cosine = std::cos(angle);
  const bool odd = degrees % 2 == 1;
  // The sums' terms are cos·(2/3)cos²·(4/5)cos² … and 1·(1/2)cos²·(3/4)cos² …
  double term = odd ? cosine : 1;
  double sum = 0;
  for (int64_t k = odd ? 3 : 2; k <= degrees; k += 2) {
    sum += term;
    term *= cosine * cosine * static_cast<double>(k - 1) / static_cast<double>(k);
  }
  const double series = std::sin(angle) * sum;
  return odd ? kTwoOverPi * (angle + series) : series;
}

double student_t_quantile(double confidence, int64_t degrees) {
  double low = 0;
  double high = 1;
  while (student_t_central(high, degrees) < confidence) high *= 2;
  for (int halving = 0; halving < 200 && low < high; ++halving) {
    const double middle = (low + high) / 2;
    (student_t_central(middle, degrees) < confidence ? low : high) = middle;
  }
  return high;
}

}  // namespace mkdt
