#include "cli/replace_question.h"

#include <cerrno>
#include <optional>
#include <poll.h>
#include <string>
#include <unistd.h>

#include <fmt/format.h>

#include "cli/stop_signal.h"
#include "cli/terminal_style.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/text.h"

namespace mkdt::cli {
namespace {

// Reads a line of standard input; none at its end. The system continues to read after a signal, so
// that is looked for now and then.
std::optional<std::string> read_answer() {
  constexpr int kWait = 200;  // milliseconds
  std::string line;
  for (;;) {
    if (stop_signal() != 0) throw Stopped();
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    if (::poll(&input, 1, kWait) <= 0) continue;
    char c = 0;
    const ssize_t count = ::read(STDIN_FILENO, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::nullopt;
    if (c == '\n') return line;
    line += c;
  }
}

}  // namespace

bool ask_to_replace(const FinishedWork& lost) {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0) return false;
  constexpr size_t kLongest = 4000;  // bytes
  fmt::print(stderr, "{} {}\n", inked("mkdt:", Ink::kYellow, style_of(STDERR_FILENO)),
             printable(lost.text(), kLongest));
  for (;;) {
    fmt::print(stderr, "Replace it? [y/n] ");
    const std::optional<std::string> answer = read_answer();
    if (!answer || *answer == "n" || *answer == "no") return false;
    if (*answer == "y" || *answer == "yes") return true;
  }
}

}  // namespace mkdt::cli
