// Finds out what the terminal behind a stream can show, if there is one.
#pragma once

#include <cstddef>
#include <string>

namespace mkdt::cli {

struct TerminalStyle {
  bool redraws = false;  // a terminal that can go back in its line
  bool colour = false;   // one that may be coloured: NO_COLOR (no-color.org) is unset or empty
  bool unicode = false;  // the locale's characters are UTF-8
};

// A terminal with TERM=dumb, or no TERM, counts as a file.
TerminalStyle style_of(int descriptor);

// Returns the columns, 80 where they are not known. It asks every time, since windows are resized.
size_t terminal_width(int descriptor);

enum class Ink { kPlain, kDim, kBold, kRed, kGreen, kYellow };

// Returns the text with escape codes for its colour, or the text itself where there are no colours.
// Escape codes take no columns: a text is fitted before.
std::string inked(const std::string& text, Ink ink, const TerminalStyle& style);

}  // namespace mkdt::cli
