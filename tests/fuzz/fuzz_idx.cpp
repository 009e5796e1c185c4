#include "mkdt/data/idx.h"
#include "tests/fuzz/hostile_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace mkdt::fuzz;
  static const InputFile kInput;
  kInput.fill(data, size);
  for (const int64_t rank : {3, 1}) {
    expect_error_at_worst([&] { touch(mkdt::read_idx_file(kInput.path(), rank)); });
  }
  return 0;
}
