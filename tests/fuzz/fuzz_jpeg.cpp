#include "mkdt/data/jpeg.h"
#include "mkdt/data/resize.h"
#include "tests/fuzz/hostile_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace mkdt::fuzz;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  return expect_error_at_worst([&] {
    const torch::Tensor image = mkdt::decode_jpeg(bytes, "input");
    touch(image);
    if (image.numel() < 100'000) touch(mkdt::resize_and_crop(image, 8));
  });
}
