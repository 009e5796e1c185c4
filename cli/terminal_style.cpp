#include "cli/terminal_style.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace mkdt::cli {
namespace {

constexpr size_t kDefaultWidth = 80;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Looks at the locale's name, in the order of POSIX: the locale itself need not be installed.
bool locale_is_utf8() {
  std::string locale = variable("LC_ALL");
  if (locale.empty()) locale = variable("LC_CTYPE");
  if (locale.empty()) locale = variable("LANG");
  std::transform(locale.begin(), locale.end(), locale.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
}

const char* code_of(Ink ink) {
  switch (ink) {
    case Ink::kPlain:
      return "";
    case Ink::kDim:
      return "2";
    case Ink::kBold:
      return "1";
    case Ink::kRed:
      return "31";
    case Ink::kGreen:
      return "32";
    case Ink::kYellow:
      return "33";
  }
  return "";
}

}  // namespace

TerminalStyle style_of(int descriptor) {
  const std::string term = variable("TERM");
  TerminalStyle style;
  style.redraws = ::isatty(descriptor) == 1 && !term.empty() && term != "dumb";
  style.colour = style.redraws && variable("NO_COLOR").empty();
  style.unicode = locale_is_utf8();
  return style;
}

size_t terminal_width(int descriptor) {
  struct winsize size {};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefaultWidth;
  return size.ws_col;
}

std::string inked(const std::string& text, Ink ink, const TerminalStyle& style) {
  if (!style.colour || ink == Ink::kPlain || text.empty()) return text;
  return fmt::format("\033[{}m{}\033[0m", code_of(ink), text);
}

}  // namespace mkdt::cli
