#include "mkdt/report/dataset/shown_text.h"

#include <array>
#include <cctype>
#include <cstddef>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/core/printable.h"

namespace mkdt {
namespace {

// What is not UTF-8 becomes U+FFFD.
std::string valid_utf8(std::string_view text) {
  using Json = nlohmann::json;
  const std::string quoted =
      Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(quoted).get<std::string>();
}

// The bytes at `at` in UTF-8 are one of the characters from `first` to `last`, which differ in
// their last byte alone.
bool is_between(std::string_view text, size_t at, std::string_view first, std::string_view last) {
  const size_t size = first.size();
  if (text.substr(at, size - 1) != first.substr(0, size - 1) || at + size > text.size()) {
    return false;
  }
  const auto byte = [](char value) { return static_cast<unsigned char>(value); };
  const unsigned char found = byte(text[at + size - 1]);
  return byte(first.back()) <= found && found <= byte(last.back());
}

// The length of a character there that printable() lets through but that is not to be seen: the
// second set of controls, marks and changes of direction, separators of lines, the byte order
// mark, non-characters. 0 for all others.
size_t unseen_at(std::string_view text, size_t at) {
  struct Range {
    std::string_view first, last;
  };
  constexpr std::array<Range, 6> kUnseen = {{{"\xC2\x80", "\xC2\x9F"},
                                             {"\xE2\x80\x8E", "\xE2\x80\x8F"},
                                             {"\xE2\x80\xA8", "\xE2\x80\xAE"},
                                             {"\xE2\x81\xA6", "\xE2\x81\xA9"},
                                             {"\xEF\xBB\xBF", "\xEF\xBB\xBF"},
                                             {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}}};
  for (const Range& range : kUnseen) {
    if (is_between(text, at, range.first, range.last)) return range.first.size();
  }
  return 0;
}

bool is_alphanumeric(char letter) { return std::isalnum(static_cast<unsigned char>(letter)) != 0; }

// Marks up nothing inside a word, where names often have it.
bool harmless_underscore(const std::string& text, size_t at) {
  return text[at] == '_' && at > 0 && is_alphanumeric(text[at - 1]) && at + 1 < text.size() &&
         is_alphanumeric(text[at + 1]);
}

}  // namespace

std::string shown_text(std::string_view text) {
  const std::string line = printable(valid_utf8(text));
  std::string shown;
  for (size_t i = 0; i < line.size();) {
    const size_t unseen = unseen_at(line, i);
    shown += unseen > 0 ? '?' : line[i];
    i += unseen > 0 ? unseen : 1;
  }
  return shown;
}

std::string in_markdown(std::string_view text) {
  constexpr std::string_view kMarkup = "&<>|*_`~[]\\#$@:";
  const std::string line = shown_text(text);
  std::string result;
  for (size_t i = 0; i < line.size(); ++i) {
    const char letter = line[i];
    // A reference is never taken for markup, a backslash in a table's cell sometimes is.
    const bool markup =
        kMarkup.find(letter) != std::string_view::npos && !harmless_underscore(line, i);
    result += markup ? fmt::format("&#{};", static_cast<int>(letter)) : std::string(1, letter);
  }
  return result;
}

std::string in_yaml(std::string_view text) { return nlohmann::json(shown_text(text)).dump(); }

std::string behind_folders(std::string_view text) {
  const size_t last = text.find_last_not_of('/');
  const std::string_view path = last == std::string_view::npos ? "" : text.substr(0, last + 1);
  const size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

}  // namespace mkdt
