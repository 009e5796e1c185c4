// The state of a task on one line: redrawn on a terminal, plain elsewhere, and what is left of it
// when the task has ended.
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

// At most `width` columns. What comes last is shortened first: the note, then the sparkline.
std::string live_line(const Progress& progress, size_t width, const TerminalStyle& style);

// Likewise; with the columns of a table if there are 79.
std::string finished_row(const Progress& progress, size_t width, const TerminalStyle& style);

std::string plain_line(const Progress& progress);
std::string plain_finished_line(const Progress& progress);

}  // namespace mkdt::cli
