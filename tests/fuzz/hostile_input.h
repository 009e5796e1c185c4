// What the harnesses share: the fuzzer's bytes as a file, and what a reader may do with them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include <torch/types.h>

#include "mkdt/base/error.h"

namespace mkdt::fuzz {

// A file in memory that has other contents for each input.
class InputFile {
 public:
  InputFile();
  void fill(const uint8_t* data, size_t size) const;
  const std::filesystem::path& path() const { return path_; }

 private:
  int descriptor_;
  std::filesystem::path path_;
};

// Ends the process: the fuzzer keeps the input.
[[noreturn]] void finding(const std::string& what);

// One line, no control characters, no more than a screen can show.
void check_message(const std::string& message);

// Adds up all values, so that each byte is read.
void touch(const torch::Tensor& tensor);

// Calls `read`, which may succeed or throw Error; any other exception ends the process.
template <typename Read>
int expect_error_at_worst(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    check_message(error.what());
  }
  return 0;
}

}  // namespace mkdt::fuzz
