#include "mkdt/core/decimal_text.h"

#include <cmath>
#include <cstddef>

#include <fmt/format.h>

namespace mkdt {
namespace {

// The digits of the next larger number.
std::string incremented(std::string digits) {
  size_t i = digits.size();
  while (i > 0 && digits[i - 1] == '9') digits[--i] = '0';
  if (i == 0) return "1" + digits;
  ++digits[i - 1];
  return digits;
}

}  // namespace

std::string decimal_text(double value, int decimals) {
  if (!std::isfinite(value)) return fmt::format("{}", value);
  const std::string scientific = fmt::format("{:.14e}", std::abs(value));  // "d.ddd…e±xx"
  std::string digits = scientific[0] + scientific.substr(2, 14);
  const int kept = std::stoi(scientific.substr(scientific.find('e') + 1)) + 1 + decimals;
  const auto count = static_cast<size_t>(kept < 0 ? 0 : kept);
  const bool up = kept >= 0 && count < digits.size() && digits[count] >= '5';
  digits.resize(count, '0');
  if (up) digits = incremented(digits);
  const bool zero = digits.find_first_not_of('0') == std::string::npos;
  const auto after = static_cast<size_t>(decimals);
  if (digits.size() <= after) digits.insert(0, after + 1 - digits.size(), '0');
  if (after > 0) digits.insert(digits.size() - after, ".");
  return (value < 0 && !zero ? "-" : "") + digits;
}

}  // namespace mkdt
