// Paths may hold any bytes; JSON and TOML hold UTF-8 only. The two as each other.
#pragma once

#include <string>
#include <string_view>

namespace mkdt {

// What is UTF-8 stays; any other byte b becomes the private character U+10FE00 + b. Bytes that
// spell one of these characters are such bytes, too, so that bytes_of gives back what was there.
std::string escaped_bytes(std::string_view bytes);
std::string bytes_of(std::string_view text);

// For names that nobody reads back: a text that is UTF-8 as it is, any other one escaped.
std::string as_utf8(std::string_view bytes);

}  // namespace mkdt
