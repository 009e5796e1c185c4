// The one exception for what a user can cause: a wrong path, a bad file, an impossible option.
#pragma once

#include <stdexcept>
#include <string>

namespace mkdt {

// The message is one line that names the file or option, what was expected, and what came.
// Everything else (std::logic_error, c10::Error) is a mistake of ours.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
};

}  // namespace mkdt
