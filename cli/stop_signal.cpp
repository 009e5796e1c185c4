#include "cli/stop_signal.h"

#include <cerrno>
#include <csignal>
#include <iterator>
#include <unistd.h>

namespace mkdt::cli {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};  // SIGHUP: the terminal was closed

volatile std::sig_atomic_t received = 0;
volatile std::sig_atomic_t taken[std::size(kSignals)] = {};  // not those that were ignored before

// Restores the system's default for a second signal.
extern "C" void remember(int signal) {
  const int before = errno;
  received = signal;
  constexpr char kText[] = "\nmkdt: stopping after this step; once more to quit at once\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kText, sizeof(kText) - 1);
  for (size_t i = 0; i < std::size(kSignals); ++i) {
    if (taken[i] != 0) std::signal(kSignals[i], SIG_DFL);
  }
  errno = before;
}

}  // namespace

void ask_to_stop_on_signals() {
  for (size_t i = 0; i < std::size(kSignals); ++i) {
    struct sigaction action {};
    ::sigaction(kSignals[i], nullptr, &action);
    if (action.sa_handler == SIG_IGN) continue;  // as `nohup` and shells' `&` have it
    action = {};
    action.sa_handler = remember;
    action.sa_flags = SA_RESTART;
    taken[i] = 1;
    ::sigaction(kSignals[i], &action, nullptr);
  }
}

int stop_signal() { return received; }

}  // namespace mkdt::cli
