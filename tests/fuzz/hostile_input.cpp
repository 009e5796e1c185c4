#include "tests/fuzz/hostile_input.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>

namespace mkdt::fuzz {

InputFile::InputFile() : descriptor_(::memfd_create("input", MFD_CLOEXEC)) {
  if (descriptor_ < 0) finding("no memory for a file");
  path_ = "/proc/self/fd/" + std::to_string(descriptor_);
}

void InputFile::fill(const uint8_t* data, size_t size) const {
  if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0 ||
      ::pwrite(descriptor_, data, size, 0) != static_cast<ssize_t>(size)) {
    finding("the input cannot be written");
  }
}

void finding(const std::string& what) {
  std::fprintf(stderr, "finding: %s\n", what.c_str());
  std::abort();
}

void check_message(const std::string& message) {
  if (message.empty() || message.size() > 1000) finding("a message of that length: " + message);
  for (const char letter : message) {
    if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F) {
      finding("a control character in: " + message);
    }
  }
}

void touch(const torch::Tensor& tensor) {
  const auto* bytes = static_cast<const uint8_t*>(tensor.data_ptr());
  if (!tensor.is_contiguous()) {
    touch(tensor.contiguous());
    return;
  }
  unsigned sum = 0;
  for (size_t i = 0; i < tensor.nbytes(); ++i) sum += bytes[i];
  // So that the compiler cannot leave the sum out.
  static std::atomic<unsigned> last;
  last = sum;
}

}  // namespace mkdt::fuzz
