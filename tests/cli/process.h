// The built program as a child process that can be watched and sent signals.
#pragma once

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <optional>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

extern char** environ;

namespace mkdt::testing {

using Environment = std::map<std::string, std::string>;

class Process {
 public:
  // Starts $MKDT_PROGRAM with these arguments, standard error to the file `errors`, `added` over
  // the present environment.
  Process(const std::vector<std::string>& arguments, const std::filesystem::path& errors,
          const Environment& added = {}) {
    const char* program = std::getenv("MKDT_PROGRAM");
    if (program == nullptr) throw std::runtime_error("MKDT_PROGRAM is not set");
    std::vector<std::string> words = {program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> variables;
    for (const auto& [name, value] : added) variables.push_back(name + "=" + value);
    for (char** variable = environ; *variable != nullptr; ++variable) {
      const std::string text = *variable;
      if (added.count(text.substr(0, text.find('='))) == 0) variables.push_back(text);
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int code = posix_spawn(&id_, program, &actions, nullptr, pointers(words).data(),
                                 pointers(variables).data());
    posix_spawn_file_actions_destroy(&actions);
    if (code != 0) throw std::runtime_error(std::string("cannot start ") + program);
  }
  ~Process() {
    if (!status_) {
      ::kill(id_, SIGKILL);
      wait();
    }
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t id() const { return id_; }

  bool running() {
    if (!status_) {
      int status = 0;
      if (::waitpid(id_, &status, WNOHANG) == id_) status_ = status;
    }
    return !status_;
  }

  // Nothing happens to a process that has ended.
  void send(int signal) {
    if (running()) ::kill(id_, signal);
  }

  // The exit status, or minus the signal that ended it.
  int wait() {
    while (!status_) {
      int status = 0;
      if (::waitpid(id_, &status, 0) == id_) status_ = status;
    }
    return WIFEXITED(*status_) ? WEXITSTATUS(*status_) : -WTERMSIG(*status_);
  }

  // Looks every millisecond until `reached` or the process has ended; whether it is running.
  template <typename Condition>
  bool wait_until(const Condition& reached) {
    while (running() && !reached()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return running();
  }
  bool wait_for(double seconds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    return wait_until([&] { return std::chrono::steady_clock::now() >= end; });
  }

 private:
  static std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  }

  pid_t id_ = 0;
  std::optional<int> status_;
};

}  // namespace mkdt::testing
