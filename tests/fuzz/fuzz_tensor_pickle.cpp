#include "mkdt/io/pickle.h"
#include "tests/fuzz/hostile_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace mkdt::fuzz;
  return expect_error_at_worst([&] {
    const mkdt::TensorPickle tensor =
        mkdt::parse_tensor_pickle({reinterpret_cast<const char*>(data), size});
    if (tensor.sizes.size() != tensor.strides.size() || tensor.sizes.size() > 32) {
      finding("sizes and strides");
    }
  });
}
