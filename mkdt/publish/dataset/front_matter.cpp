#include "mkdt/publish/dataset/front_matter.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/base/text.h"

namespace mkdt {
namespace {

// Replaces what is not UTF-8 by U+FFFD.
std::string valid_utf8(std::string_view text) {
  const auto replaced = nlohmann::json::error_handler_t::replace;
  const std::string quoted = nlohmann::json(std::string(text)).dump(-1, ' ', false, replaced);
  return nlohmann::json::parse(quoted).get<std::string>();
}

bool is_alphanumeric(char letter) { return std::isalnum(static_cast<unsigned char>(letter)) != 0; }

// Tells whether an underscore is inside a word, where names often have it, and so marks up nothing.
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
    // A reference is never taken for markup; a backslash in a table's cell sometimes is.
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

namespace {

// Returns where the text that `quotes` opened ends, from `at` on: at its closing quotes, or at the
// end of everything if it has none. A backslash escapes the next character in double quotes only.
size_t end_of_text(std::string_view toml, size_t at, std::string_view quotes) {
  while (at < toml.size() && toml.substr(at, quotes.size()) != quotes) {
    at += quotes.front() == '"' && toml[at] == '\\' ? 2 : 1;
  }
  return std::min(at, toml.size());
}

// Returns one quote, or the three of a text of several lines.
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

namespace {

constexpr size_t kLongestLicense = 64;

// Returns the size category, among those of Hugging Face that a distilled set can have.
const char* size_category(int64_t images) {
  if (images < 1000) return "n<1K";
  if (images < 10'000) return "1K<n<10K";
  if (images < 100'000) return "10K<n<100K";
  return images < 1'000'000 ? "100K<n<1M" : "1M<n<10M";
}

}  // namespace

void check_license(const std::string& license) {
  const bool possible =
      !license.empty() && license.size() <= kLongestLicense &&
      license.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.+-") == std::string::npos &&
      license.front() != '-';
  if (possible) return;
  throw Error(
      fmt::format("--license: expected one of Hugging Face's identifiers, such as cc-by-4.0, other "
                  "or unknown, got '{}'",
                  printable(license)));
}

std::string front_matter(const std::string& license, const std::string& name, int64_t images) {
  return fmt::format(R"(---
license: "{}"
pretty_name: {}
task_categories:
- image-feature-extraction
tags:
- dataset-distillation
- self-supervised-learning
- synthetic
- mkdt
size_categories:
- {}
configs:
- config_name: default
  data_files:
  - split: train
    path: images/*
---
)",
                     license, in_yaml(name), size_category(images));
}

}  // namespace mkdt
