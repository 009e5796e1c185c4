#include "cli/stop_signal.h"

#include <csignal>
#include <unistd.h>

namespace mkdt::cli {
namespace {

volatile std::sig_atomic_t received = 0;

// A second signal finds the system's default again.
extern "C" void remember(int signal) {
  received = signal;
  constexpr char kText[] = "\nmkdt: stopping after this step; once more to quit at once\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kText, sizeof(kText) - 1);
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace

void ask_to_stop_on_signals() {
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction action {};
    ::sigaction(signal, nullptr, &action);
    if (action.sa_handler == SIG_IGN) continue;  // as `nohup` and shells' `&` have it
    action = {};
    action.sa_handler = remember;
    action.sa_flags = SA_RESTART;
    ::sigaction(signal, &action, nullptr);
  }
}

int stop_signal() { return received; }

}  // namespace mkdt::cli
