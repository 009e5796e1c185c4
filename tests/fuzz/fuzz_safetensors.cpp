#include "mkdt/io/safetensors.h"
#include "tests/fuzz/hostile_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace mkdt::fuzz;
  static const InputFile kInput;
  kInput.fill(data, size);
  return expect_error_at_worst([&] {
    const mkdt::TensorFile file = mkdt::read_safetensors(kInput.path());
    size_t bytes = 0;
    for (const auto& [name, tensor] : file.tensors) {
      touch(tensor);
      bytes += tensor.nbytes();
    }
    if (bytes > size) finding("more values than the file has");
    for (const auto& [key, value] : file.metadata) {
      expect_error_at_worst([&, name = key] { file.integer(name); });
      expect_error_at_worst([&, name = key] { file.real(name); });
    }
  });
}
