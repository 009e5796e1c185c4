#include "cli/terminal_observer.h"

#include <algorithm>

#include <fmt/format.h>

#include "mkdt/base/text.h"

namespace mkdt::cli {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::chrono::seconds kPlainLine{10};
constexpr double kWorthARow = 1;  // seconds; a task that took less leaves no row on a terminal
constexpr size_t kLongestMessage = 2000;  // bytes
constexpr size_t kIndent = 2;             // of messages: below the names in the rows

// "distill/matching_loss" of the task "distill": what it makes smaller.
bool is_loss_of(const std::string& task, const std::string& name) {
  constexpr const char* kEnding = "loss";
  const size_t length = std::char_traits<char>::length(kEnding);
  return !task.empty() && name.rfind(task + "/", 0) == 0 && name.size() >= length &&
         name.compare(name.size() - length, length, kEnding) == 0;
}

}  // namespace

TerminalObserver::TerminalObserver() : TerminalObserver(stderr, verbosity()) {}

TerminalObserver::TerminalObserver(std::FILE* stream, const Verbosity& verbosity)
    : stream_(stream), style_(style_of(::fileno(stream))), verbosity_(verbosity) {}

TerminalObserver::~TerminalObserver() {
  if (!line_open_) return;
  measure();
  redraw();  // as it was last reported
  write("\n");
}

void TerminalObserver::begin(const std::string& task, int64_t total, const std::string& unit) {
  progress_ = Progress();
  progress_.task = printable(task);
  progress_.unit = printable(unit);
  progress_.total = total;
  curve_.clear();
  rate_ = ProgressRate();
  last_shown_ = Clock::now();
  if (style_.redraws && verbosity_.says(LogLevel::kInfo)) redraw();
}

void TerminalObserver::advance(int64_t done, const std::string& note) {
  const Clock::time_point now = Clock::now();
  rate_.advance(done);
  progress_.done = done;
  progress_.note = printable(note);
  const auto pause = style_.redraws ? Clock::duration(kRedraw) : Clock::duration(kPlainLine);
  if (now - last_shown_ < pause || !verbosity_.says(LogLevel::kInfo)) return;
  last_shown_ = now;
  measure();
  style_.redraws ? redraw() : say(plain_line(progress_));
}

void TerminalObserver::end() {
  measure();
  if (verbosity_.says(LogLevel::kInfo)) {
    if (!style_.redraws) {
      say(plain_finished_line(progress_));
    } else if (progress_.seconds >= kWorthARow || progress_.loss.count() > 1) {
      say(finished_row(progress_, columns(), style_));
    } else if (line_open_) {
      write("\r\033[K");
      line_open_ = false;
    }
  }
  progress_.task.clear();
}

void TerminalObserver::info(const std::string& message) {
  if (verbosity_.says(LogLevel::kInfo)) tell(message, Ink::kDim);
}

void TerminalObserver::warn(const std::string& message) {
  if (verbosity_.says(LogLevel::kWarning)) tell("warning: " + message, Ink::kYellow);
}

void TerminalObserver::metric(const std::string& name, int64_t step, double value) {
  if (verbosity_.says(LogLevel::kDebug)) {
    tell(fmt::format("{} {} {:.6g}", name, step, value), Ink::kDim);
  }
  if (curve_.empty() && is_loss_of(progress_.task, name)) curve_ = name;
  if (!curve_.empty() && name == curve_) progress_.loss.add(value);
}

void TerminalObserver::measure() {
  progress_.seconds = rate_.seconds();
  progress_.rate = rate_.per_second();
}

// Not the last one: a cursor that has gone beyond it is in the next line.
size_t TerminalObserver::columns() {
  return std::max<size_t>(terminal_width(::fileno(stream_)), 2) - 1;
}

void TerminalObserver::redraw() {
  write("\r" + live_line(progress_, columns(), style_) + "\033[K");
  line_open_ = true;
}

void TerminalObserver::tell(const std::string& message, Ink ink) {
  const std::string line = printable(message, kLongestMessage);
  if (!style_.redraws) return say(line);
  const size_t width = columns() - std::min(columns(), kIndent);
  for (const std::string& part : wrapped(line, width)) {
    say(std::string(kIndent, ' ') + inked(part, ink, style_));
  }
}

void TerminalObserver::say(const std::string& line) {
  write((line_open_ ? "\r\033[K" : "") + line + "\n");
  line_open_ = false;
}

// In one piece, so that no signal leaves half an escape code behind.
void TerminalObserver::write(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stream_);
  std::fflush(stream_);
}

}  // namespace mkdt::cli
