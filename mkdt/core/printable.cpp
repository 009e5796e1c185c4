#include "mkdt/core/printable.h"

namespace mkdt {
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

}  // namespace mkdt
