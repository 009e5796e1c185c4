#include "mkdt/core/printable.h"

namespace mkdt {
namespace {

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80; }

}  // namespace

std::string printable(std::string_view text, size_t most) {
  size_t end = text.size();
  if (end > most) {
    end = most;
    while (end > 0 && continues_character(text[end])) --end;  // UTF-8 is cut between characters
  }
  std::string line(text.substr(0, end));
  for (char& byte : line) {
    const auto code = static_cast<unsigned char>(byte);
    if (code < 0x20 || code == 0x7F) byte = '?';
  }
  return end < text.size() ? line + "…" : line;
}

}  // namespace mkdt
