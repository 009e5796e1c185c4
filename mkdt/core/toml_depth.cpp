#include "mkdt/core/toml_depth.h"

#include <algorithm>
#include <string>

namespace mkdt {
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
