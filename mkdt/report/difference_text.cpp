#include "mkdt/report/difference_text.h"

#include <cmath>

#include <fmt/format.h>

#include "mkdt/core/decimal_text.h"

namespace mkdt {
namespace {

// Never "−0.0".
std::string signed_text(double value, int decimals, bool plus) {
  const std::string size = decimal_text(std::abs(value), decimals);
  const bool zero = size.find_first_not_of("0.") == std::string::npos;
  if (value < 0 && !zero) return "−" + size;
  return (plus ? "+" : "") + size;
}

}  // namespace

std::string difference_text(const PairedInterval& difference, double unit, int decimals) {
  const auto text = [&](double value, bool plus) {
    return signed_text(unit * value, decimals, plus);
  };
  std::string mean = text(difference.mean, true);
  if (!difference.half_width) return mean;
  return fmt::format("{} [{}, {}]", mean, text(difference.mean - *difference.half_width, false),
                     text(difference.mean + *difference.half_width, false));
}

}  // namespace mkdt
