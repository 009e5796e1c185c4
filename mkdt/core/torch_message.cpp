#include "mkdt/core/torch_message.h"

#include <c10/util/Exception.h>

namespace mkdt {

std::string torch_message(const std::exception& error) {
  constexpr size_t kMost = 300;
  const std::string mark = "Error: ";
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  const std::string text =
      torch_error != nullptr ? torch_error->what_without_backtrace() : error.what();
  const size_t last = text.rfind(mark);
  const size_t begin = last == std::string::npos ? 0 : last + mark.size();
  return text.substr(begin, text.find('\n', begin) - begin).substr(0, kMost);
}

}  // namespace mkdt
