#include "mkdt/data/representations.h"
#include "tests/fuzz/hostile_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace mkdt::fuzz;
  static const InputFile kInput;
  kInput.fill(data, size);
  return expect_error_at_worst([&] {
    mkdt::check_row_names(kInput.path(), {"train/a/1.png", "train/b/2.png"});
  });
}
