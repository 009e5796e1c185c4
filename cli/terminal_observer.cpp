#include "cli/terminal_observer.h"

#include <cstdio>
#include <unistd.h>

#include <fmt/format.h>

#include "mkdt/core/duration.h"

namespace mkdt::cli {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::chrono::seconds kPlainLine{10};

double seconds_between(std::chrono::steady_clock::time_point begin,
                       std::chrono::steady_clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

}  // namespace

TerminalObserver::TerminalObserver() : terminal_(::isatty(STDERR_FILENO) == 1) {}

void TerminalObserver::begin(const std::string& task, int64_t total, const std::string& unit) {
  task_ = task;
  unit_ = unit;
  total_ = total;
  last_done_ = 0;
  last_note_.clear();
  first_done_ = -1;
  begin_ = last_shown_ = Clock::now();
}

void TerminalObserver::advance(int64_t done, const std::string& note) {
  const Clock::time_point now = Clock::now();
  if (first_done_ < 0) {
    // The first unit's own time counts, unless earlier ones were done by an earlier run.
    first_done_ = done == 1 ? 0 : done;
    first_report_ = done == 1 ? begin_ : now;
  }
  last_done_ = done;
  last_note_ = note;
  if (now - last_shown_ < (terminal_ ? Clock::duration(kRedraw) : Clock::duration(kPlainLine))) {
    return;
  }
  last_shown_ = now;
  if (terminal_) {
    clear_line();
    std::fputs(progress_line(done, note).c_str(), stderr);
    std::fflush(stderr);
    line_open_ = true;
  } else {
    say(progress_line(done, note));
  }
}

std::string TerminalObserver::progress_line(int64_t done, const std::string& note) const {
  const double elapsed = seconds_between(first_report_, Clock::now());
  const double rate = elapsed > 0 ? static_cast<double>(done - first_done_) / elapsed : 0;
  std::string line = fmt::format("{}: {}/{} {}", task_, done, total_, unit_);
  if (rate > 0) {
    line += fmt::format(", {:.3g}/s, {} left", rate,
                        duration_text(static_cast<double>(total_ - done) / rate));
  }
  if (!note.empty()) line += ", " + note;
  return line;
}

void TerminalObserver::end() {
  clear_line();
  const std::string note = last_note_.empty() ? "" : ", " + last_note_;
  say(fmt::format("{}: {}/{} {} in {}{}", task_, last_done_, total_, unit_,
                  duration_text(seconds_between(begin_, Clock::now())), note));
}

void TerminalObserver::info(const std::string& message) { say(message); }

void TerminalObserver::warn(const std::string& message) { say("warning: " + message); }

void TerminalObserver::say(const std::string& line) {
  clear_line();
  fmt::print(stderr, "{}\n", line);
}

void TerminalObserver::clear_line() {
  if (line_open_) std::fputs("\r\033[K", stderr);
  line_open_ = false;
}

}  // namespace mkdt::cli
