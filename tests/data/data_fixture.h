// What the tests of data/ share: expected messages, damaged copies of files, random pixels.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/error.h"
#include "mkdt/core/random.h"

namespace mkdt::testing {

// `call` throws Error with a one-line message that has all of `parts`.
inline void expect_error(const std::function<void()>& call, const std::vector<std::string>& parts) {
  try {
    call();
    ADD_FAILURE() << "no Error";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    for (const std::string& part : parts) {
      EXPECT_NE(message.find(part), std::string::npos) << "'" << part << "' in: " << message;
    }
  }
}

// The number-th copy of `bytes` that is cut short, has bytes changed, or both.
inline std::string damaged(std::string bytes, uint64_t number) {
  uint64_t count = 0;
  const auto draw = [&](uint64_t below) {
    return derive_seed(number, "tests/damaged", count++) % below;
  };
  if (number % 3 != 0) {
    const uint64_t changes = 1 + draw(4);
    const uint64_t range = number % 2 == 0 ? bytes.size() : std::min<uint64_t>(64, bytes.size());
    for (uint64_t i = 0; i < changes; ++i) bytes[draw(range)] = static_cast<char>(draw(256));
  }
  if (number % 3 != 1) bytes.resize(draw(bytes.size()));
  return bytes;
}

// `read` of each of 80 damaged copies either succeeds or throws Error.
inline void expect_no_crash(const std::filesystem::path& path, const std::string& bytes,
                            const std::function<void()>& read) {
  int refused = 0;
  for (uint64_t number = 0; number < 80; ++number) {
    write_text_atomically(path, damaged(bytes, number));
    try {
      read();
    } catch (const Error& error) {
      ++refused;
      EXPECT_NE(std::string(error.what()).find(path.filename().string()), std::string::npos)
          << error.what();
    }
  }
  EXPECT_GT(refused, 40);
}

inline torch::Tensor random_pixels(const std::vector<int64_t>& shape, uint64_t seed = 0) {
  at::Generator generator = make_generator(seed, "tests/pixels");
  return at::randint(0, 256, shape, generator, torch::TensorOptions(torch::kUInt8));
}

inline std::string bytes_of(const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.contiguous();
  return {static_cast<const char*>(values.data_ptr()), values.nbytes()};
}

}  // namespace mkdt::testing
