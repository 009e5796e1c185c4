// Integers in text.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace mkdt {

// The whole of `text` as a decimal number; nothing for anything else, or if it does not fit.
std::optional<int64_t> parse_integer(std::string_view text);

}  // namespace mkdt
