// The built program, run as a user would run it.
#pragma once

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <sys/wait.h>

#include "mkdt/io/durable_file.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt::testing {

struct ProgramResult {
  int status = 0;
  std::string out;  // standard output
  std::string err;  // standard error
};

// `arguments` as on a shell's command line.
inline ProgramResult run_program(const std::string& arguments) {
  const TemporaryFolder folder;
  const char* program = std::getenv("MKDT_PROGRAM");
  if (program == nullptr) throw std::runtime_error("MKDT_PROGRAM is not set");
  const std::string command = std::string(program) + " " + arguments + " >" +
                              (folder / "out").string() + " 2>" + (folder / "err").string();
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_text(folder / "out"),
          read_text(folder / "err")};
}

}  // namespace mkdt::testing
