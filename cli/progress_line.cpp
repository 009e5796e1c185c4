#include "cli/progress_line.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "cli/sparkline.h"
#include "mkdt/base/text.h"
#include "mkdt/base/units.h"

namespace mkdt::cli {
namespace {

constexpr size_t kSparkline = 12;      // cells
constexpr size_t kLeastSparkline = 4;  // fewer say nothing
constexpr size_t kLeastNote = 8;       // columns
constexpr size_t kLongestTask = 40;

// Puts parts with two blanks between them on a line, as many as fit.
class FittedLine {
 public:
  FittedLine(size_t width, const TerminalStyle& style) : width_(width), style_(style) {}

  // Returns how many columns a further part may take.
  size_t room() const { return width_ - std::min(width_, used_ + gap()); }

  // Returns whether the part fits; if not, nothing is added.
  bool add(const std::string& part, Ink ink = Ink::kPlain) {
    const size_t columns = text_width(part);
    if (columns == 0 || columns > room()) return false;
    text_ += std::string(gap(), ' ') + inked(part, ink, style_);
    used_ += gap() + columns;
    return true;
  }

  std::string text() const { return text_; }

 private:
  size_t gap() const { return used_ > 0 ? 2 : 0; }

  size_t width_;
  TerminalStyle style_;
  std::string text_;
  size_t used_ = 0;
};

// Tells whether the unit is "of estimated seconds": their number, and how many are done in a
// second, is no news.
bool counts_time(const Progress& progress) {
  return progress.unit.find("seconds") != std::string::npos;
}

int64_t percent(const Progress& progress) {
  if (progress.total <= 0) return 0;
  const double part = static_cast<double>(progress.done) / static_cast<double>(progress.total);
  return std::clamp<int64_t>(static_cast<int64_t>(100 * part), 0, 100);
}

std::string rate_text(double rate) {
  if (rate >= 99.95) return fmt::format("{:.0f}/s", rate);
  return rate >= 1 ? fmt::format("{:#.3g}/s", rate) : fmt::format("{:.3g} s each", 1 / rate);
}

std::string left_text(const Progress& progress) {
  const auto left = static_cast<double>(std::max<int64_t>(progress.total - progress.done, 0));
  return duration_text(left / progress.rate) + " left";
}

std::string count_text(const Progress& progress) {
  return progress.done == progress.total ? fmt::format("{}", progress.done)
                                         : fmt::format("{}/{}", progress.done, progress.total);
}

void add_sparkline(FittedLine& line, const Progress& progress, const TerminalStyle& style) {
  const size_t cells = std::min(kSparkline, line.room());
  if (progress.loss.count() < 2 || cells < kLeastSparkline) return;
  line.add(sparkline(progress.loss.values(), cells, style.unicode), Ink::kGreen);
}

// Adds the parts of "J 0.53, syn_lr 0.1", as many as fit whole; or as much of the first as fits.
void add_note(FittedLine& line, const Progress& progress) {
  if (line.room() < kLeastNote) return;
  std::string note = progress.note;
  for (size_t comma = 0; text_width(note) > line.room(); note.resize(comma)) {
    comma = note.rfind(", ");
    if (comma == std::string::npos) break;
  }
  line.add(shortened(note, line.room()), Ink::kDim);
}

std::string to_left(const std::string& text, size_t width) {
  return text + std::string(width - std::min(width, text_width(text)), ' ');
}

std::string to_right(const std::string& text, size_t width) {
  return std::string(width - std::min(width, text_width(text)), ' ') + text;
}

}  // namespace

std::string live_line(const Progress& progress, size_t width, const TerminalStyle& style) {
  FittedLine line(width, style);
  line.add(shortened(progress.task, std::min(width, kLongestTask)), Ink::kBold);
  line.add(fmt::format("{:>3} %", percent(progress)));
  if (progress.rate > 0) line.add(left_text(progress));
  if (!counts_time(progress)) {
    const std::string total = std::to_string(progress.total);
    const std::string count = fmt::format("{:>{}}/{}", progress.done, total.size(), total);
    if (!line.add(fmt::format("{} {}", count, progress.unit))) line.add(count);
    if (progress.rate > 0) line.add(rate_text(progress.rate));
  }
  add_sparkline(line, progress, style);
  add_note(line, progress);
  return line.text();
}

std::string finished_row(const Progress& progress, size_t width, const TerminalStyle& style) {
  const bool columns = width >= 79;
  const bool whole = progress.done >= progress.total || counts_time(progress);
  const std::string mark = !whole ? "-" : style.unicode ? "✓" : "+";
  const std::string task =
      shortened(progress.task, std::min(width - std::min<size_t>(width, 2), kLongestTask));
  FittedLine line(width - std::min<size_t>(width, 2), style);
  line.add(columns ? to_left(task, 16) : task);
  const std::string count =
      counts_time(progress) ? "" : fmt::format("{} {}", count_text(progress), progress.unit);
  line.add(columns ? to_right(count, 18) : count);
  const std::string seconds = duration_text(progress.seconds);
  line.add(columns ? to_right(seconds, 11) : seconds);
  if (progress.loss.count() >= 2) {
    const std::string loss = fmt::format("loss {:.4g}", progress.loss.last());
    line.add(columns ? to_left(loss, 12) : loss);
    add_sparkline(line, progress, style);
  } else {
    add_note(line, progress);
  }
  return inked(mark, whole ? Ink::kGreen : Ink::kYellow, style) + " " + line.text();
}

std::string plain_line(const Progress& progress) {
  std::string line =
      fmt::format("{}: {}/{} {}", progress.task, progress.done, progress.total, progress.unit);
  if (progress.rate > 0 && !counts_time(progress)) line += ", " + rate_text(progress.rate);
  if (progress.rate > 0) line += ", " + left_text(progress);
  if (!progress.note.empty()) line += ", " + progress.note;
  return line;
}

std::string plain_finished_line(const Progress& progress) {
  return fmt::format("{}: {}/{} {} in {}{}", progress.task, progress.done, progress.total,
                     progress.unit, duration_text(progress.seconds),
                     progress.note.empty() ? "" : ", " + progress.note);
}

}  // namespace mkdt::cli
