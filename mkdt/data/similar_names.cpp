#include "mkdt/data/similar_names.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace mkdt {
namespace {

// The characters of a text, or nothing sensible of one that is no UTF-8.
std::vector<uint32_t> characters_of(const std::string& text) {
  std::vector<uint32_t> characters;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80 || characters.empty()) {
      const uint32_t bits = byte < 0x80 ? byte : byte < 0xE0 ? byte & 0x1F : byte & 0x0F;
      characters.push_back(bits);
    } else {
      characters.back() = characters.back() << 6 | (byte & 0x3F);
    }
  }
  return characters;
}

// Combining diacritical marks, and the sound marks of kana.
bool is_mark(uint32_t c) { return (c >= 0x300 && c <= 0x36F) || c == 0x3099 || c == 0x309A; }

struct Letter {
  uint32_t base;
  std::vector<uint32_t> marks;
};

std::vector<Letter> letters_of(const std::string& text) {
  std::vector<Letter> letters;
  for (const uint32_t c : characters_of(text)) {
    if (is_mark(c) && !letters.empty()) {
      letters.back().marks.push_back(c);
    } else {
      letters.push_back({c, {}});
    }
  }
  return letters;
}

}  // namespace

bool differ_in_composition(const std::string& a, const std::string& b) {
  if (a == b) return false;
  const std::vector<Letter> one = letters_of(a), other = letters_of(b);
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](const Letter& x, const Letter& y) {
                      if (x.base == y.base) return x.marks == y.marks;
                      const Letter& composed = x.marks.size() < y.marks.size() ? x : y;
                      return x.marks.size() != y.marks.size() && composed.base > 0x7F;
                    });
}

}  // namespace mkdt
