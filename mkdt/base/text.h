// Texts of UTF-8 and of any bytes: as characters, in messages, and in the columns of a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mkdt {

// Writes any bytes, such as a path's, as the UTF-8 that JSON and TOML hold. Characters of UTF-8
// stay; any other byte b becomes the private character U+10FE00 + b. Bytes that already spell one
// of these characters are escaped, too, so that bytes_of gives back what was there.
std::string escaped_bytes(std::string_view bytes);
std::string bytes_of(std::string_view text);

// Returns a text that is UTF-8 as it is, and any other one escaped: for names that nobody reads
// back.
std::string as_utf8(std::string_view bytes);

// Returns the text in Unicode's composed form (NFC), in which an accent and its letter are one
// character where there is one for them. A text that is not UTF-8 stays as it is.
std::string composed(std::string_view text);

// Makes one line of a text from outside, fit for a message: every character that a terminal would
// obey or not show (Unicode's categories Cc, Cf, Zl, Zp but for the joiners) becomes '?', since a
// file could move the cursor or turn the direction of the text with it. A text of more than `most`
// bytes is cut and ends with "…".
std::string printable(std::string_view text, size_t most = 200);

// Counts the columns that one line of UTF-8 takes on a terminal: two for an East Asian character or
// a picture, none for an accent that is put on the letter before. A byte that is not UTF-8 counts
// as one column.
size_t text_width(std::string_view text);

// Returns the text, or its beginning and "…" if it is wider than `columns`.
std::string shortened(std::string_view text, size_t columns);

// Breaks a text at its blanks into lines that are at most `columns` wide. A word that is wider by
// itself stays whole, alone on its line.
std::vector<std::string> wrapped(std::string_view text, size_t columns);

}  // namespace mkdt
