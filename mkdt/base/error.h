// Error, the one exception for what a user can cause, and libtorch's errors as lines for a user.
#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace mkdt {

// A wrong path, a bad file, an impossible option. The message is one line that names the file or
// option, what was expected, and what came. Every other exception (std::logic_error, c10::Error) is
// a mistake of ours.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
};

// Makes one line of libtorch's message, without the stack and the places in libtorch's source: at
// most 300 characters of the first line that is not blank. From a script's traceback it takes the
// text after the last "Error: ". It is never empty.
std::string torch_message(const std::exception& error);

// Returns all lines of libtorch's message, without the stack.
std::string whole_torch_message(const std::exception& error);

// Tells whether the error says that a GPU, not the host, has no memory left: libtorch's allocator
// says so, a library of the vendor's, or either of them from within a script.
bool is_out_of_device_memory(const std::exception& error);

}  // namespace mkdt
