// Text that comes from outside or goes to a terminal: bytes as UTF-8, names that fit a message,
// widths.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mkdt {

// Paths may hold any bytes; JSON and TOML hold UTF-8 only. The two as each other.

// What is UTF-8 stays; any other byte b becomes the private character U+10FE00 + b. Bytes that
// spell one of these characters are such bytes, too, so that bytes_of gives back what was there.
std::string escaped_bytes(std::string_view bytes);
std::string bytes_of(std::string_view text);

// For names that nobody reads back: a text that is UTF-8 as it is, any other one escaped.
std::string as_utf8(std::string_view bytes);

// Text out of files, fit to be shown in a message.

// One line without control characters (a file could move a terminal's cursor with them, or turn the
// direction of what follows): each becomes '?'. What is longer than `most` bytes is cut and ends
// with "…".
std::string printable(std::string_view text, size_t most = 200);

// How wide a text is on a terminal, and texts that are made to fit.

// The columns of one line of UTF-8: two for an East Asian character or a picture, none for an
// accent that is put on the letter before. A byte that is not UTF-8 counts as one.
size_t text_width(std::string_view text);

// The text, or its beginning and "…" if it is wider than `columns`.
std::string shortened(std::string_view text, size_t columns);

// Lines that are broken at blanks, each at most `columns` wide; only a word that is wider by itself
// stays whole, alone on its line.
std::vector<std::string> wrapped(std::string_view text, size_t columns);

// How deep the keys of a TOML text nest, before its parser is let loose on them.

constexpr size_t kDeepestTomlKey = 32;

// The most parts that a key of TOML has ("a.b.c": three). The text up to the first mistake in its
// notation counts as TOML's parser reads it.
size_t toml_key_depth(std::string_view text);

}  // namespace mkdt
