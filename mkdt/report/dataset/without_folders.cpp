#include "mkdt/report/dataset/without_folders.h"

#include <algorithm>
#include <cstddef>

#include "mkdt/report/dataset/shown_text.h"

namespace mkdt {
namespace {

// Where the text that `quotes` opened ends, from `at` on: at its closing quotes, or at the end of
// everything if it has none. A backslash escapes the next character in double quotes only.
size_t end_of_text(std::string_view toml, size_t at, std::string_view quotes) {
  while (at < toml.size() && toml.substr(at, quotes.size()) != quotes) {
    at += quotes.front() == '"' && toml[at] == '\\' ? 2 : 1;
  }
  return std::min(at, toml.size());
}

// One quote, or the three of a text of several lines.
std::string_view quotes_at(std::string_view toml, size_t at) {
  const char quote = toml[at];
  const std::string_view three = toml.substr(at, 3);
  const bool several = three.size() == 3 &&
                       std::all_of(three.begin(), three.end(), [&](char c) { return c == quote; });
  return several ? three : three.substr(0, 1);
}

}  // namespace

std::string without_folders(std::string_view toml) {
  std::string result;
  size_t at = 0;
  while (at < toml.size()) {
    if (toml[at] == '#') {  // quotes in a comment open nothing
      const size_t end = std::min(toml.find('\n', at), toml.size());
      result += toml.substr(at, end - at);
      at = end;
    } else if (toml[at] == '\'' || toml[at] == '"') {
      const std::string_view quotes = quotes_at(toml, at);
      const size_t begin = at + quotes.size();
      const size_t end = end_of_text(toml, begin, quotes);
      result += quotes;
      result += behind_folders(toml.substr(begin, end - begin));
      result += toml.substr(end, quotes.size());
      at = std::min(end + quotes.size(), toml.size());
    } else {
      result += toml[at++];
    }
  }
  return result;
}

}  // namespace mkdt
