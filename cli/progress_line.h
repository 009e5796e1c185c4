// Writes the state of a task as one line: redrawn on a terminal, plain elsewhere, and the row that
// remains when the task has ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "cli/terminal_style.h"
#include "cli/thinned_curve.h"

namespace mkdt::cli {

struct Progress {
  std::string task;  // texts without control characters
  std::string unit;
  std::string note;
  int64_t done = 0;
  int64_t total = 0;
  double seconds = 0;  // since it began
  double rate = 0;     // units a second; 0 as long as it is not known
  ThinnedCurve loss;
};

// Returns at most `width` columns. Parts that come last are shortened first: the note, then the
// sparkline.
std::string live_line(const Progress& progress, size_t width, const TerminalStyle& style);

// Returns at most `width` columns, with those of a table if there are 79.
std::string finished_row(const Progress& progress, size_t width, const TerminalStyle& style);

std::string plain_line(const Progress& progress);
std::string plain_finished_line(const Progress& progress);

}  // namespace mkdt::cli
