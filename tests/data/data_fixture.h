// What the tests of data/ share: expected messages, random pixels.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/io/durable_file.h"
#include "tests/fixtures/hostile.h"

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

inline torch::Tensor random_pixels(const std::vector<int64_t>& shape, uint64_t seed = 0) {
  at::Generator generator = make_generator(seed, "tests/pixels");
  return at::randint(0, 256, shape, generator, torch::TensorOptions(torch::kUInt8));
}

inline std::string bytes_of(const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.contiguous();
  return {static_cast<const char*>(values.data_ptr()), values.nbytes()};
}

}  // namespace mkdt::testing
