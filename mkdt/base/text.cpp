#include "mkdt/base/text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>

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

namespace {

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80; }

bool begins_between(std::string_view text, std::string_view first, std::string_view last) {
  const std::string_view character = text.substr(0, first.size());
  return character.size() == first.size() && first <= character && character <= last;
}

// The bytes of the control character at the beginning of the text; 0 if there is none. Besides
// those of ASCII: U+0080 to U+009F, which terminals take for escape codes, what separates lines or
// changes the direction of the text, the byte order mark, and non-characters.
size_t control_character(std::string_view text) {
  const auto code = static_cast<unsigned char>(text[0]);
  if (code < 0x20 || code == 0x7F) return 1;
  if (begins_between(text, "\xC2\x80", "\xC2\x9F")) return 2;
  if (begins_between(text, "\xE2\x80\x8E", "\xE2\x80\x8F") ||
      begins_between(text, "\xE2\x80\xA8", "\xE2\x80\xAE") ||
      begins_between(text, "\xE2\x81\xA6", "\xE2\x81\xA9") ||
      begins_between(text, "\xEF\xBB\xBF", "\xEF\xBB\xBF") ||
      begins_between(text, "\xEF\xBF\xBE", "\xEF\xBF\xBF")) {
    return 3;
  }
  return 0;
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
    const size_t control = control_character(text.substr(i, end - i));
    line += control > 0 ? '?' : text[i];
    i += control > 0 ? control : 1;
  }
  return end < text.size() ? line + "…" : line;
}

namespace {

struct Range {
  uint32_t first, last;
};

// Unicode's combining marks and what is not seen (category Mn, Me, Cf), of the scripts in use.
constexpr Range kNarrow[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x064B, 0x065F},  {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x2064},  {0x20D0, 0x20FF},
    {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF}};

// East_Asian_Width W and F (Unicode's annex 11). Few that are narrow lie between: a text may be
// taken for wider than it is, never for narrower.
constexpr Range kWide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23F3},
    {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267F, 0x26FD},
    {0x2705, 0x2705},   {0x270A, 0x270B},   {0x2728, 0x2728},   {0x274C, 0x274E},
    {0x2753, 0x2757},   {0x2795, 0x2797},   {0x27B0, 0x27BF},   {0x2B1B, 0x2B55},
    {0x2E80, 0x303E},   {0x3041, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},   {0xFE10, 0xFE19},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6},   {0x16FE0, 0x18CFF}, {0x1AFF0, 0x1B2FF}, {0x1F004, 0x1F004},
    {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F19A}, {0x1F200, 0x1FAFF}, {0x20000, 0x3FFFD}};

template <size_t count>
bool is_in(const Range (&ranges)[count], uint32_t code) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [&](const Range& range) { return range.first <= code && code <= range.last; });
}

struct Character {
  size_t bytes = 1;
  size_t columns = 1;
};

// The first one of a text that is not empty.
Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t bytes = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF8 ? 4 : 1;
  if (bytes == 1 || bytes > text.size()) return {};
  uint32_t code = lead & (0xFFU >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80) return {};
    code = code << 6U | (next & 0x3FU);
  }
  return {bytes, is_in(kNarrow, code) ? size_t{0} : is_in(kWide, code) ? size_t{2} : size_t{1}};
}

// The bytes at the beginning that take at most so many columns.
size_t bytes_within(std::string_view text, size_t columns) {
  size_t bytes = 0;
  while (bytes < text.size()) {
    const Character next = first_character(text.substr(bytes));
    if (next.columns > columns) break;
    columns -= next.columns;
    bytes += next.bytes;
  }
  return bytes;
}

}  // namespace

size_t text_width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const Character next = first_character(text);
    width += next.columns;
    text.remove_prefix(next.bytes);
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

namespace {

// The place after the text in quotes that begins at `at`, as TOML has it: in " or ', on one line,
// or in three of them, on several. Only " knows escapes.
size_t after_quotes(std::string_view text, size_t at) {
  const char quote = text[at];
  const std::string three(3, quote);
  const bool several_lines = text.substr(at, 3) == three;
  const size_t width = several_lines ? 3 : 1;
  for (at += width; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (text[at] == '\n' && !several_lines) {
      return at;
    } else if (text[at] == quote && (!several_lines || text.substr(at, 3) == three)) {
      at += width;
      // Up to two more quotes belong to the text in three.
      for (int more = 0; several_lines && more < 2 && at < text.size() && text[at] == quote; ++more)
        ++at;
      return at;
    }
  }
  return text.size();
}

}  // namespace

size_t toml_key_depth(std::string_view text) {
  constexpr std::string_view kBetweenKeys = "\n=,[]{}";
  size_t parts = 1;
  size_t most = 0;
  for (size_t at = 0; at < text.size();) {
    const char letter = text[at];
    if (letter == '"' || letter == '\'') {
      at = after_quotes(text, at);
      continue;
    }
    if (letter == '#') {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    if (letter == '.') ++parts;
    if (kBetweenKeys.find(letter) != std::string_view::npos) parts = 1;
    most = std::max(most, parts);
    ++at;
  }
  return most;
}

}  // namespace mkdt
