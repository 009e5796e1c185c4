#include "mkdt/base/error.h"

#include <c10/util/Exception.h>

namespace mkdt {
namespace {

constexpr const char* kBlank = " \t\r\n";

// Returns the first line that has anything in it.
std::string first_line_of(const std::string& text) {
  constexpr size_t kMost = 300;
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string::npos) return "";
  const std::string line = text.substr(begin, text.find('\n', begin) - begin);
  return line.substr(0, line.find_last_not_of(kBlank) + 1).substr(0, kMost);
}

}  // namespace

std::string whole_torch_message(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  return torch_error != nullptr ? torch_error->what_without_backtrace() : error.what();
}

std::string torch_message(const std::exception& error) {
  const std::string mark = "Error: ";
  const std::string text = whole_torch_message(error);
  const size_t last = text.rfind(mark);
  std::string line =
      first_line_of(last == std::string::npos ? text : text.substr(last + mark.size()));
  if (!line.empty()) return line;
  const std::string any = first_line_of(text);
  return any.empty() ? "libtorch gives no reason" : any;
}

bool is_out_of_device_memory(const std::exception& error) {
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  const std::string text = whole_torch_message(error);
  for (const char* sign : {"CUDA out of memory", "CUDA error: out of memory",
                           "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED"}) {
    if (text.find(sign) != std::string::npos) return true;
  }
  return false;
}

}  // namespace mkdt
