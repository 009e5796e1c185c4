// Shows progress and messages on standard error: one line that is redrawn on a terminal and leaves
// a row behind, plain lines every few seconds elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#include "cli/progress_line.h"
#include "cli/stop_signal.h"
#include "cli/terminal_style.h"
#include "cli/verbosity.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/timing.h"

namespace mkdt::cli {

class TerminalObserver : public Observer {
 public:
  TerminalObserver();
  TerminalObserver(std::FILE* stream, const Verbosity& verbosity);
  // Leaves an open line as it is and ends it: the next output has a line of its own.
  ~TerminalObserver() override;
  TerminalObserver(const TerminalObserver&) = delete;
  TerminalObserver& operator=(const TerminalObserver&) = delete;

  void begin(const std::string& task, int64_t total, const std::string& unit) override;
  void advance(int64_t done, const std::string& note) override;
  void end() override;
  void info(const std::string& message) override;
  void warn(const std::string& message) override;
  void metric(const std::string& name, int64_t step, double value) override;
  bool stop_wanted() const override { return stop_signal() != 0; }

 private:
  using Clock = std::chrono::steady_clock;

  void measure();    // sets the time and the rate
  size_t columns();  // columns that a line may take
  void redraw();
  void tell(const std::string& message, Ink ink);
  void say(const std::string& line);
  void write(const std::string& text);

  std::FILE* stream_;
  TerminalStyle style_;
  Verbosity verbosity_;
  bool line_open_ = false;
  Progress progress_;
  std::string curve_;  // name of the curve whose points are in `progress_.loss`
  ProgressRate rate_;
  Clock::time_point last_shown_;
};

}  // namespace mkdt::cli
