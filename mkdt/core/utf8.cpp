#include "mkdt/core/utf8.h"

#include <cstddef>

namespace mkdt {
namespace {

constexpr std::string_view kPrivate = "\xF4\x8F";  // of U+10FE00 to U+10FEFF the first two bytes
constexpr size_t kPrivateLength = 4;               // bytes of such a character

unsigned byte_at(std::string_view text, size_t at) { return static_cast<unsigned char>(text[at]); }

bool continues(std::string_view text, size_t at) {
  return at < text.size() && (byte_at(text, at) & 0xC0U) == 0x80;
}

// Bytes of the UTF-8 character at `at`; 0 if there is none. Overlong forms, surrogates and what
// lies above U+10FFFF are none (The Unicode Standard, table 3-7).
size_t character_length(std::string_view text, size_t at) {
  const unsigned first = byte_at(text, at);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                        : first >= 0xE0 && first <= 0xEF ? 3
                        : first >= 0xF0 && first <= 0xF4 ? 4
                                                         : 0;
  for (size_t i = 1; i < length; ++i) {
    if (!continues(text, at + i)) return 0;
  }
  if (length < 3) return length;
  const unsigned second = byte_at(text, at + 1);
  const bool wrong = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                     (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return wrong ? 0 : length;
}

bool is_utf8(std::string_view text) {
  for (size_t at = 0, length = 0; at < text.size(); at += length) {
    length = character_length(text, at);
    if (length == 0) return false;
  }
  return true;
}

// The byte that the private character at `at` stands for; −1 if there is no such character.
int stands_for(std::string_view text, size_t at) {
  const std::string_view character = text.substr(at, kPrivateLength);
  if (character.size() < kPrivateLength || character.substr(0, 2) != kPrivate) {
    return -1;
  }
  const unsigned third = byte_at(character, 2), fourth = byte_at(character, 3);
  if (third < 0xBA || third > 0xBB || (fourth & 0xC0U) != 0x80) return -1;  // bytes from 0x80 on
  return static_cast<int>((third - 0xB8) * 0x40 + (fourth - 0x80));
}

void append_private(unsigned byte, std::string& text) {
  text += kPrivate;
  text += static_cast<char>(0xB8 + byte / 0x40);
  text += static_cast<char>(0x80 + byte % 0x40);
}

}  // namespace

std::string escaped_bytes(std::string_view bytes) {
  std::string text;
  for (size_t at = 0; at < bytes.size();) {
    const size_t length = stands_for(bytes, at) >= 0 ? 0 : character_length(bytes, at);
    if (length > 0) {
      text += bytes.substr(at, length);
      at += length;
    } else {
      append_private(byte_at(bytes, at++), text);
    }
  }
  return text;
}

std::string bytes_of(std::string_view text) {
  std::string bytes;
  for (size_t at = 0; at < text.size();) {
    const int byte = stands_for(text, at);
    bytes += byte >= 0 ? static_cast<char>(byte) : text[at];
    at += byte >= 0 ? kPrivateLength : 1;
  }
  return bytes;
}

std::string as_utf8(std::string_view bytes) {
  return is_utf8(bytes) ? std::string(bytes) : escaped_bytes(bytes);
}

}  // namespace mkdt
