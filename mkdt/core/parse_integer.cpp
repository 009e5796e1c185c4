#include "mkdt/core/parse_integer.h"

#include <charconv>

namespace mkdt {

std::optional<int64_t> parse_integer(std::string_view text) {
  const char* const past = text.data() + text.size();
  int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), past, number);
  if (code != std::errc() || end != past) return std::nullopt;
  return number;
}

}  // namespace mkdt
