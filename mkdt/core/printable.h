// Text out of files, fit to be shown in a message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mkdt {

// One line without control characters (a file could move a terminal's cursor with them, or turn the
// direction of what follows): each becomes '?'. What is longer than `most` bytes is cut and ends
// with "…".
std::string printable(std::string_view text, size_t most = 200);

}  // namespace mkdt
