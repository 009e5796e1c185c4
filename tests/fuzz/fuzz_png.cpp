// The checksums of the chunks are made right after each mutation, or libpng would look no further.
#include <zlib.h>

#include "mkdt/data/png.h"
#include "mkdt/data/resize.h"
#include "tests/fuzz/hostile_input.h"

namespace {

uint32_t big_endian(const uint8_t* at) {
  return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | uint32_t{at[3]};
}

// A chunk: length of the contents, four letters, contents, checksum of letters and contents.
void repair_checksums(uint8_t* data, size_t size) {
  size_t at = 8;
  while (size >= 12 && at <= size - 12) {
    const size_t length = big_endian(data + at);
    if (length > size - at - 12) return;
    const auto sum = crc32(0, data + at + 4, static_cast<uInt>(length + 4));
    for (unsigned i = 0; i < 4; ++i) {
      data[at + 8 + length + i] = static_cast<uint8_t>(sum >> (24 - 8 * i));
    }
    at += length + 12;
  }
}

}  // namespace

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t most);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned seed) {
  const size_t changed = LLVMFuzzerMutate(data, size, most);
  if (seed % 8 != 0) repair_checksums(data, changed);
  return changed;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace mkdt::fuzz;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  return expect_error_at_worst([&] {
    const torch::Tensor image = mkdt::decode_png(bytes, "input");
    touch(image);
    if (image.numel() < 100'000) touch(mkdt::resize_and_crop(image, 8));
  });
}
