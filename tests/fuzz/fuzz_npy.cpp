#include "mkdt/io/npy.h"
#include "tests/fuzz/hostile_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace mkdt::fuzz;
  static const InputFile kInput;
  kInput.fill(data, size);
  return expect_error_at_worst([&] {
    const torch::Tensor values = mkdt::read_npy(kInput.path());
    if (values.nbytes() > size) finding("more values than the file has");
    touch(values);
  });
}
