// Fields of comma-separated files.
#pragma once

#include <optional>
#include <string>

namespace mkdt {

// Quoted as RFC 4180 says if it has a comma, a quote or a line break.
std::string csv_text(const std::string& text);
// The shortest text that gives the same double; empty if absent or not finite.
std::string csv_number(const std::optional<double>& value);

}  // namespace mkdt
