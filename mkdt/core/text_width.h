// How wide a text is on a terminal, and texts that are made to fit.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mkdt {

// The columns of one line of UTF-8: two for an East Asian character or a picture, none for an
// accent that is put on the letter before. A byte that is not UTF-8 counts as one.
size_t text_width(std::string_view text);

// The text, or its beginning and "…" if it is wider than `columns`.
std::string shortened(std::string_view text, size_t columns);

// Lines that are broken at blanks, each at most `columns` wide; only a word that is wider by itself
// stays whole, alone on its line.
std::vector<std::string> wrapped(std::string_view text, size_t columns);

}  // namespace mkdt
