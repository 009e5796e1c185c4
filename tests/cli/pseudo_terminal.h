// A terminal of a given width to which a test plays the person in front of it.
#pragma once

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <map>
#include <poll.h>
#include <pty.h>
#include <stdexcept>
#include <string>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace mkdt::testing {

// One that this process writes to itself.
class PseudoTerminal {
 public:
  explicit PseudoTerminal(unsigned short width) {
    struct winsize size = {50, width, 0, 0};
    int slave = -1;
    if (::openpty(&master_, &slave, nullptr, nullptr, &size) != 0) {
      throw std::runtime_error("no pseudo-terminal");
    }
    ::fcntl(master_, F_SETFL, O_NONBLOCK);
    stream_ = ::fdopen(slave, "w");
  }
  ~PseudoTerminal() {
    std::fclose(stream_);
    ::close(master_);
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  std::FILE* stream() const { return stream_; }

  void resize(unsigned short width) {
    struct winsize size = {50, width, 0, 0};
    ::ioctl(master_, TIOCSWINSZ, &size);
  }

  // What was written since the last call.
  std::string read() {
    std::string text;
    char buffer[4096];
    for (ssize_t count = 0; (count = ::read(master_, buffer, sizeof(buffer))) > 0;) {
      text.append(buffer, static_cast<size_t>(count));
    }
    return text;
  }

 private:
  int master_ = -1;
  std::FILE* stream_ = nullptr;
};

struct TerminalSession {
  int status = 0;      // as a shell has it
  std::string output;  // standard output and standard error
};

// Runs $MKDT_PROGRAM in a terminal of its own. `type` sees what was written so far, and says what
// is typed next, e.g. "\x03" for Ctrl-C.
inline TerminalSession run_in_terminal(
    const std::vector<std::string>& arguments, unsigned short width,
    const std::map<std::string, std::string>& environment = {},
    const std::function<std::string(const std::string&)>& type = nullptr) {
  const char* program = std::getenv("MKDT_PROGRAM");
  if (program == nullptr) throw std::runtime_error("MKDT_PROGRAM is not set");
  std::vector<const char*> words = {program};
  for (const std::string& argument : arguments) words.push_back(argument.c_str());
  words.push_back(nullptr);
  struct winsize size = {50, width, 0, 0};
  int master = -1;
  const pid_t child = ::forkpty(&master, nullptr, nullptr, &size);
  if (child < 0) throw std::runtime_error("no pseudo-terminal");
  if (child == 0) {
    ::unsetenv("NO_COLOR");
    ::setenv("TERM", "xterm", 1);
    ::setenv("LC_ALL", "C.UTF-8", 1);
    for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
    ::execv(program, const_cast<char* const*>(words.data()));
    ::_exit(127);
  }
  TerminalSession session;
  char buffer[4096];
  for (ssize_t count = 0; (count = ::read(master, buffer, sizeof(buffer))) > 0;) {
    session.output.append(buffer, static_cast<size_t>(count));
    const std::string typed = type ? type(session.output) : "";
    if (!typed.empty() && ::write(master, typed.data(), typed.size()) < 0) break;
  }
  ::close(master);
  int status = 0;
  ::waitpid(child, &status, 0);
  session.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return session;
}

}  // namespace mkdt::testing
