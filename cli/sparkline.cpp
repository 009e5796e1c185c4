#include "cli/sparkline.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace mkdt::cli {
namespace {

constexpr const char* kBlocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr const char* kAscii[] = {"_", ".", ":", "-", "=", "+", "*", "#"};
constexpr double kFlat = 1e-9;  // of the largest value: what is less may be rounding
constexpr size_t kLevels = std::size(kBlocks);

// Returns the mean of the finite values in [begin, end); NaN if there are none.
double mean(const std::vector<double>& values, size_t begin, size_t end) {
  double sum = 0;  // of quotients: no value is too large
  double count = 0;
  for (size_t i = begin; i < end; ++i) count += std::isfinite(values[i]) ? 1 : 0;
  for (size_t i = begin; i < end; ++i) sum += std::isfinite(values[i]) ? values[i] / count : 0;
  return count > 0 ? sum : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

std::string sparkline(const std::vector<double>& values, size_t cells, bool unicode) {
  cells = std::min(cells, values.size());
  std::vector<double> means;
  double lowest = std::numeric_limits<double>::infinity();
  double highest = -lowest;
  for (size_t cell = 0; cell < cells; ++cell) {
    means.push_back(mean(values, cell * values.size() / cells, (cell + 1) * values.size() / cells));
    if (std::isnan(means.back())) continue;
    lowest = std::min(lowest, means.back());
    highest = std::max(highest, means.back());
  }
  double range = highest / 2 - lowest / 2;  // halves: their difference is always finite
  if (range < kFlat * std::max(std::abs(lowest), std::abs(highest))) range = 0;
  std::string line;
  for (const double value : means) {
    if (std::isnan(value)) {
      line += ' ';
      continue;
    }
    const double height = range > 0 ? (value / 2 - lowest / 2) / range : 0;
    const auto level = std::min(static_cast<size_t>(height * kLevels), kLevels - 1);
    line += unicode ? kBlocks[level] : kAscii[level];
  }
  return line;
}

}  // namespace mkdt::cli
