#include "mkdt/io/folders.h"
#include "mkdt/run/manifest.h"
#include "tests/fuzz/hostile_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace mkdt::fuzz;
  static const InputFile kInput;
  kInput.fill(data, size);
  return expect_error_at_worst([&] {
    const auto manifest = mkdt::read_manifest(kInput.path());
    if (!manifest) return;
    const std::filesystem::path folder = "/run/folder";
    for (const auto& [name, sum] : manifest->outputs) {
      const std::string path = (folder / name).lexically_normal().string();
      if (path.rfind("/run/folder/", 0) != 0) finding("an output outside the folder: " + path);
    }
    manifest->key();
  });
}
