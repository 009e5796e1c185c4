#include <stdexcept>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "mkdt/base/error.h"

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

TEST(TorchMessage, IsNeverEmpty) {
  EXPECT_EQ(torch_message(std::runtime_error("\n\n  Unknown builtin op: aten::new_one.\nHere")),
            "Unknown builtin op: aten::new_one.");
  EXPECT_EQ(torch_message(std::runtime_error("first\nRuntimeError: \n \nsecond\n")), "second");
  EXPECT_EQ(torch_message(std::runtime_error("first\nRuntimeError: \n")), "first");
  EXPECT_EQ(torch_message(std::runtime_error("\n")), "libtorch gives no reason");
}

TEST(TorchMessage, KnowsThatADeviceIsFull) {
  for (const char* text : {"CUDA out of memory. Tried to allocate 2.00 GiB",
                           "Traceback of TorchScript:\nRuntimeError: CUDA out of memory. Tried",
                           "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`"}) {
    EXPECT_TRUE(is_out_of_device_memory(std::runtime_error(text))) << text;
  }
  EXPECT_FALSE(is_out_of_device_memory(std::runtime_error("not enough memory: 9 bytes")));
  try {
    TORCH_CHECK_WITH(OutOfMemoryError, false, "none left");
  } catch (const std::exception& error) {
    EXPECT_TRUE(is_out_of_device_memory(error));
  }
}

}  // namespace
}  // namespace mkdt
