// Descriptors 0 to 2 as the program finds them and leaves them.
#pragma once

#include <string>

namespace mkdt::cli {

// Puts /dev/null where a standard stream is closed, so that no file of ours gets its number, and
// with it what is said there.
void reserve_standard_streams();

// A file that grows beyond `ulimit -f` fails to be written, as on a full disk; without this the
// system ends the program.
void survive_file_size_limit();

// Writes out what standard output still holds. Why not all that was printed got there; empty: it
// did.
std::string finish_standard_output();

// A line on standard error; that this cannot be written is no reason to fail.
void put_error_line(const std::string& line);

}  // namespace mkdt::cli
