#include "mkdt/core/torch_message.h"

#include <stdexcept>

#include <gtest/gtest.h>
#include <torch/types.h>

namespace mkdt {
namespace {

TEST(TorchMessage, IsOneLineWithoutTheStack) {
  try {
    torch::zeros({2}) + torch::zeros({3});
    FAIL() << "no error";
  } catch (const std::exception& error) {
    const std::string text = torch_message(error);
    EXPECT_EQ(text.rfind("The size of tensor a (2) must match", 0), 0U) << text;
    EXPECT_EQ(text.find("frame #"), std::string::npos) << text;
  }
}

TEST(TorchMessage, OfATracebackIsItsEnd) {
  const std::runtime_error error(
      "Traceback of TorchScript:\n  File \"a\"\nRuntimeError: too wide\n");
  EXPECT_EQ(torch_message(error), "too wide");
  EXPECT_EQ(torch_message(std::runtime_error(std::string(1000, 'x'))).size(), 300U);
}

}  // namespace
}  // namespace mkdt
