// Writes and reads numbers as people do: amounts of memory, durations, decimals, integers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mkdt {

// Writes an amount of memory by powers of 1000: "812 bytes", "4 kB", "312 MB", "9.3 GB", "1.2 TB".
std::string byte_text(int64_t bytes);

// Writes a duration: "47 s", "3 min 09 s", "2 h 05 min"; less than nothing is "0 s".
std::string duration_text(double seconds);

// Writes a number with a fixed number of decimals (not negative), alike in every table, file and
// page. It is rounded half away from zero, from the 15 significant digits that a double is sure to
// have: 15.25 and 100 · 0.1525 both give "15.3". There is no "-0.0". The page's `fixed`
// (report_page/src/base/format.js) does the same.
std::string decimal_text(double value, int decimals);

// Reads the whole of `text` as a decimal integer; nothing for anything else, or if it does not fit.
std::optional<int64_t> parse_integer(std::string_view text);
// The same of a number that may have a fraction and an exponent; nothing if it is not finite.
std::optional<double> parse_number(std::string_view text);

}  // namespace mkdt
