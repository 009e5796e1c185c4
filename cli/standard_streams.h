// Takes care of the descriptors 0 to 2, as the program finds them and leaves them.
#pragma once

#include <string>

namespace mkdt::cli {

// Puts /dev/null where a standard stream is closed, so that no file of ours gets its number, and
// with it the messages that are meant for the stream.
void reserve_standard_streams();

// Lets a file that grows beyond `ulimit -f` fail to be written, as on a full disk; without this the
// system ends the program.
void survive_file_size_limit();

// Writes out the rest of standard output. Returns why not all of it got there; empty if it did.
std::string finish_standard_output();

// Prints a line on standard error. It is no reason to fail if that cannot be written.
void put_error_line(const std::string& line);

}  // namespace mkdt::cli
