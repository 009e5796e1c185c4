// What a terminal shows of the text that is written to it.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <string>
#include <vector>

namespace mkdt::testing {

// Knows the escape codes that mkdt may write and no others. All characters are one column wide.
class Screen {
 public:
  Screen(const std::string& text, size_t width) : width_(width) {
    for (size_t i = 0; i < text.size();) i += take(text, i);
  }

  // Without blanks at their ends, which nobody sees; the last one is where the cursor is.
  std::vector<std::string> lines() const {
    std::vector<std::string> result;
    for (const auto& row : rows_) {
      std::string line;
      for (const std::string& character : row) line += character;
      result.push_back(line.substr(0, line.find_last_not_of(' ') + 1));
    }
    return result;
  }
  std::string line_with(const std::string& part) const {
    for (const std::string& line : lines()) {
      if (line.find(part) != std::string::npos) return line;
    }
    return "";
  }
  size_t cursor() const { return column_; }
  bool wrapped() const { return wrapped_; }    // a line was wider than the terminal
  int coloured() const { return coloured_; }   // codes of colour
  bool confused() const { return confused_; }  // by other codes, or other control characters

 private:
  size_t take(const std::string& text, size_t at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == '\033') return escape(text, at);
    if (byte == '\r') {
      column_ = 0;
      return 1;
    }
    if (byte == '\n') {
      rows_.emplace_back();
      return 1;
    }
    if (byte < 0x20 || byte == 0x7F) {
      confused_ = true;
      return 1;
    }
    size_t bytes = 1;
    while (at + bytes < text.size() && (text[at + bytes] & 0xC0) == 0x80) ++bytes;
    put(text.substr(at, bytes));
    return bytes;
  }

  size_t escape(const std::string& text, size_t at) {
    size_t end = at + 2;
    while (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end])) == 0) ++end;
    const std::string code = text.substr(at + 1, end - at);
    if (code == "[K") {
      rows_.back().resize(std::min(rows_.back().size(), column_));
    } else if (code.size() > 2 && code[0] == '[' && code.back() == 'm') {
      ++coloured_;
    } else {
      confused_ = true;
    }
    return end + 1 - at;
  }

  void put(const std::string& character) {
    if (column_ == width_) {
      wrapped_ = true;
      rows_.emplace_back();
      column_ = 0;
    }
    std::vector<std::string>& row = rows_.back();
    row.resize(std::max(row.size(), column_ + 1), " ");
    row[column_++] = character;
  }

  size_t width_;
  std::vector<std::vector<std::string>> rows_ = {{}};
  size_t column_ = 0;
  bool wrapped_ = false;
  int coloured_ = 0;
  bool confused_ = false;
};

}  // namespace mkdt::testing
