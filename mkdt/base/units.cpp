#include "mkdt/base/units.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

namespace mkdt {

std::string byte_text(int64_t bytes) {
  const auto count = static_cast<double>(bytes);
  if (count < 1e3) return fmt::format("{} bytes", bytes);
  if (count < 999.5e3) return fmt::format("{:.0f} kB", count / 1e3);
  if (count < 999.5e6) return fmt::format("{:.0f} MB", count / 1e6);
  if (count < 999.95e9) return fmt::format("{:.1f} GB", count / 1e9);
  return fmt::format("{:.1f} TB", count / 1e12);
}

std::string duration_text(double seconds) {
  const auto whole = int64_t{std::llround(std::max(0.0, seconds))};
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

namespace {

// Returns the digits of the next larger number.
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

std::optional<int64_t> parse_integer(std::string_view text) {
  const char* const past = text.data() + text.size();
  int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), past, number);
  if (code != std::errc() || end != past) return std::nullopt;
  return number;
}

std::optional<double> parse_number(std::string_view text) {
  const char* const past = text.data() + text.size();
  double number = 0;
  const auto [end, code] = std::from_chars(text.data(), past, number);
  if (code != std::errc() || end != past || !std::isfinite(number)) return std::nullopt;
  return number;
}

}  // namespace mkdt
