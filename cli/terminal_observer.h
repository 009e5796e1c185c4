// Progress and messages on standard error: one line that is redrawn on a terminal, plain lines
// every few seconds elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "cli/stop_signal.h"
#include "mkdt/core/observer.h"

namespace mkdt::cli {

class TerminalObserver : public Observer {
 public:
  TerminalObserver();

  void begin(const std::string& task, int64_t total, const std::string& unit) override;
  void advance(int64_t done, const std::string& note) override;
  void end() override;
  void info(const std::string& message) override;
  void warn(const std::string& message) override;
  bool stop_wanted() const override { return stop_signal() != 0; }

 private:
  using Clock = std::chrono::steady_clock;

  std::string progress_line(int64_t done, const std::string& note) const;
  void say(const std::string& line);
  void clear_line();

  bool terminal_;
  bool line_open_ = false;
  std::string task_;
  std::string unit_;
  int64_t total_ = 0;
  int64_t last_done_ = 0;
  std::string last_note_;
  Clock::time_point last_shown_;
  // The rate is measured from the first report on: a resumed task does not begin at zero.
  int64_t first_done_ = -1;
  Clock::time_point begin_;
  Clock::time_point first_report_;
};

}  // namespace mkdt::cli
