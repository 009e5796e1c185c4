#include "mkdt/base/text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include <utf8proc.h>

namespace mkdt {
namespace {

constexpr int32_t kPrivate = 0x10FE00;  // plus a byte from 0x80 on: the character for that byte

struct Character {
  size_t bytes = 0;  // none: the text does not begin with a character of UTF-8
  int32_t code = 0;
};

// Reads the character at the beginning of a text that is not empty. Overlong forms, surrogates and
// numbers above U+10FFFF are none.
Character first_character(std::string_view text) {
  Character first;
  const auto bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                      static_cast<utf8proc_ssize_t>(text.size()), &first.code);
  if (bytes > 0) first.bytes = static_cast<size_t>(bytes);
  return first;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t bytes = first_character(text).bytes;
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

bool stands_for_byte(const Character& character) {
  return character.code >= kPrivate + 0x80 && character.code <= kPrivate + 0xFF;
}

void append_private(char byte, std::string& text) {
  utf8proc_uint8_t bytes[4];
  const auto length = utf8proc_encode_char(kPrivate + static_cast<unsigned char>(byte), bytes);
  text.append(bytes, bytes + length);
}

}  // namespace

std::string escaped_bytes(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const Character next = first_character(bytes);
    if (next.bytes == 0 || stands_for_byte(next)) {
      append_private(bytes.front(), text);
      bytes.remove_prefix(1);
    } else {
      text += bytes.substr(0, next.bytes);
      bytes.remove_prefix(next.bytes);
    }
  }
  return text;
}

std::string bytes_of(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    const Character next = first_character(text);
    const bool escaped = stands_for_byte(next);
    bytes += escaped ? static_cast<char>(next.code - kPrivate) : text.front();
    text.remove_prefix(escaped ? next.bytes : 1);
  }
  return bytes;
}

std::string as_utf8(std::string_view bytes) {
  return is_utf8(bytes) ? std::string(bytes) : escaped_bytes(bytes);
}

std::string composed(std::string_view text) {
  utf8proc_uint8_t* found = nullptr;
  const auto length =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &found,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (length < 0) return std::string(text);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(found, std::free);
  return std::string(found, found + length);
}

namespace {

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80; }

// Tells whether a terminal would obey a character rather than show it, or show nothing for it.
bool is_control(int32_t code) {
  constexpr int32_t kNonJoiner = 0x200C, kJoiner = 0x200D;  // parts of words and of pictures
  switch (utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    case UTF8PROC_CATEGORY_CF:
      return code != kNonJoiner && code != kJoiner;
    default:
      return (code & 0xFFFE) == 0xFFFE;  // the last two of a plane are no characters
  }
}

}  // namespace

std::string printable(std::string_view text, size_t most) {
  size_t end = text.size();
  if (end > most) {
    end = most;
    while (end > 0 && continues_character(text[end])) --end;  // UTF-8 is cut between characters
  }
  std::string line;
  for (size_t i = 0; i < end;) {
    const Character next = first_character(text.substr(i, end - i));
    const size_t bytes = std::max<size_t>(next.bytes, 1);
    if (next.bytes > 0 && is_control(next.code)) {
      line += '?';
    } else {
      line += text.substr(i, bytes);
    }
    i += bytes;
  }
  return end < text.size() ? line + "…" : line;
}

namespace {

// A character that is younger than utf8proc's tables counts as a picture: a text may be taken for
// wider than it is, never for narrower.
size_t columns_of(const Character& character) {
  if (character.bytes == 0) return 1;
  switch (utf8proc_category(character.code)) {
    case UTF8PROC_CATEGORY_CC:
      return 1;
    case UTF8PROC_CATEGORY_CN:
      return 2;
    default:
      return static_cast<size_t>(utf8proc_charwidth(character.code));
  }
}

// Returns how many bytes at the beginning take at most so many columns.
size_t bytes_within(std::string_view text, size_t columns) {
  size_t bytes = 0;
  while (bytes < text.size()) {
    const Character next = first_character(text.substr(bytes));
    const size_t wanted = columns_of(next);
    if (wanted > columns) break;
    columns -= wanted;
    bytes += std::max<size_t>(next.bytes, 1);
  }
  return bytes;
}

}  // namespace

size_t text_width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const Character next = first_character(text);
    width += columns_of(next);
    text.remove_prefix(std::max<size_t>(next.bytes, 1));
  }
  return width;
}

std::string shortened(std::string_view text, size_t columns) {
  if (bytes_within(text, columns) == text.size()) return std::string(text);
  if (columns == 0) return "";
  return std::string(text.substr(0, bytes_within(text, columns - 1))) + "…";
}

std::vector<std::string> wrapped(std::string_view text, size_t columns) {
  std::vector<std::string> lines;
  size_t width = 0;  // of the last line
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
    if (text.empty()) return lines;
    const std::string word(text.substr(0, text.find_first_of(" \n")));
    const size_t word_width = text_width(word);
    if (lines.empty() || width + 1 + word_width > columns) {
      lines.push_back(word);
      width = word_width;
    } else {
      lines.back() += " " + word;
      width += 1 + word_width;
    }
    text.remove_prefix(word.size());
  }
}

}  // namespace mkdt
