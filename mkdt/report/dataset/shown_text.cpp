#include "mkdt/report/dataset/shown_text.h"

#include <cctype>
#include <cstddef>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/core/printable.h"

namespace mkdt {
namespace {

// What is not UTF-8 becomes U+FFFD.
std::string valid_utf8(std::string_view text) {
  const auto replaced = nlohmann::json::error_handler_t::replace;
  const std::string quoted = nlohmann::json(std::string(text)).dump(-1, ' ', false, replaced);
  return nlohmann::json::parse(quoted).get<std::string>();
}

bool is_alphanumeric(char letter) { return std::isalnum(static_cast<unsigned char>(letter)) != 0; }

// Marks up nothing inside a word, where names often have it.
bool harmless_underscore(const std::string& text, size_t at) {
  return text[at] == '_' && at > 0 && is_alphanumeric(text[at - 1]) && at + 1 < text.size() &&
         is_alphanumeric(text[at + 1]);
}

}  // namespace

std::string shown_text(std::string_view text) { return printable(valid_utf8(text)); }

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
