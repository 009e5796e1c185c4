// What the terminal behind a stream can show, if there is one.
#pragma once

#include <cstddef>
#include <string>

namespace mkdt::cli {

struct TerminalStyle {
  bool redraws = false;  // a terminal that can go back in its line
  bool colour = false;   // one that may be coloured: NO_COLOR (no-color.org) is unset or empty
  bool unicode = false;  // the locale's characters are UTF-8
};

// TERM=dumb, or no TERM, is a terminal like a file.
TerminalStyle style_of(int descriptor);

// Columns, 80 where nobody says. Asked anew each time: windows are resized.
size_t terminal_width(int descriptor);

enum class Ink { kPlain, kDim, kBold, kRed, kGreen, kYellow };

// The text itself where there are no colours. Escape codes take no columns: what has to fit is
// measured before.
std::string inked(const std::string& text, Ink ink, const TerminalStyle& style);

}  // namespace mkdt::cli
