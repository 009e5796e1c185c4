#include "cli/busy_loops.h"

#include <cerrno>
#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "mkdt/base/error.h"

#if defined(__linux__)
#include <sys/prctl.h>
#endif

namespace mkdt::cli {
namespace {

// Runs in a child of a process with threads, so it must not call anything that takes a lock.
[[noreturn]] void loop(pid_t parent) {
#if defined(__linux__)
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
  if (getppid() != parent) _exit(0);
  raise(SIGSTOP);
  for (volatile uint64_t turns = 0;; turns = turns + 1) {
  }
}

}  // namespace

BusyLoops::BusyLoops(int64_t count) {
  const pid_t parent = getpid();
  while (static_cast<int64_t>(processes_.size()) < count) {
    const pid_t child = fork();
    if (child == 0) loop(parent);
    if (child < 0) {
      tell(SIGKILL);
      throw Error(fmt::format("--beside {}: the system gives no more processes", count));
    }
    processes_.push_back(child);
    int status = 0;
    while (waitpid(child, &status, WUNTRACED) < 0 && errno == EINTR) {
    }
  }
}

BusyLoops::~BusyLoops() {
  tell(SIGKILL);
  for (const pid_t process : processes_) waitpid(process, nullptr, 0);
}

void BusyLoops::run() const { tell(SIGCONT); }
void BusyLoops::rest() const { tell(SIGSTOP); }

void BusyLoops::tell(int signal) const {
  for (const pid_t process : processes_) kill(process, signal);
}

}  // namespace mkdt::cli
