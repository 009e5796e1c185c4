// Numbers as people read and write them: amounts of memory, durations, decimals, integers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mkdt {

// "812 bytes", "4 kB", "312 MB", "9.3 GB", "1.2 TB": powers of 1000.
std::string byte_text(int64_t bytes);

// Seconds for people.

// "47 s", "3 min 09 s", "2 h 05 min"; less than nothing is "0 s".
std::string duration_text(double seconds);

// A number with a fixed number of decimals, the same in every table, file and page.

// Rounded half away from zero, of the 15 significant digits that a double is sure to have: 15.25
// and 100 · 0.1525 both give "15.3". The page's `fixed` (report_page/src/base/format.js) does the
// same. No "-0.0"; `decimals` is not negative.
std::string decimal_text(double value, int decimals);

// Numbers in text.

// The whole of `text` as a decimal number; nothing for anything else, or if it does not fit.
std::optional<int64_t> parse_integer(std::string_view text);
// The same of a number that may have a fraction and an exponent; nothing if it is not finite.
std::optional<double> parse_number(std::string_view text);

}  // namespace mkdt
