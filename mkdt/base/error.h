// The one exception for what a user can cause: a wrong path, a bad file, an impossible option.
#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace mkdt {

// The message is one line that names the file or option, what was expected, and what came.
// Everything else (std::logic_error, c10::Error) is a mistake of ours.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
};

// What libtorch says of an error, fit for one line of ours.

// Without the stack and the places in libtorch's source; of a script's traceback what comes after
// its last "Error: "; at most 300 characters of the first line that is not blank. Never empty.
std::string torch_message(const std::exception& error);

// All lines of it, without the stack.
std::string whole_torch_message(const std::exception& error);

// Whether it says that a GPU, not the host, has no memory left: libtorch's allocator, a library of
// the vendor's, or either of them from within a script.
bool is_out_of_device_memory(const std::exception& error);

}  // namespace mkdt
