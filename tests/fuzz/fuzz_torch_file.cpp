// The checksums of the entries are made right after each mutation, or none would ever be read.
#include <string_view>

#include <zlib.h>

#include "mkdt/io/torch_file.h"
#include "mkdt/io/zip.h"
#include "tests/fuzz/hostile_input.h"

namespace {

uint64_t little_endian(const uint8_t* at, size_t width) {
  uint64_t value = 0;
  for (size_t i = width; i-- > 0;) value = value << 8U | at[i];
  return value;
}

// PKWARE's APPNOTE.TXT: in the list of entries, the checksum at 16, the size at 20, the place at
// 42; before the contents, the lengths of name and extra field at 26 and 28 of 30 bytes.
void repair_checksums(uint8_t* data, size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  for (size_t at = file.find("PK\x01\x02"); at != file.npos; at = file.find("PK\x01\x02", at + 1)) {
    if (size - at < 46) return;
    const uint64_t place = little_endian(data + at + 42, 4);
    const uint64_t length = little_endian(data + at + 20, 4);
    if (place + 30 > size) continue;
    const uint64_t begin =
        place + 30 + little_endian(data + place + 26, 2) + little_endian(data + place + 28, 2);
    if (begin > size || length > size - begin) continue;
    const auto sum = crc32(crc32(0, nullptr, 0), data + begin, static_cast<uInt>(length));
    for (unsigned i = 0; i < 4; ++i) data[at + 16 + i] = static_cast<uint8_t>(sum >> (8 * i));
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
  static const InputFile kInput;
  kInput.fill(data, size);
  // As before a TorchScript file is loaded.
  expect_error_at_worst([&] {
    mkdt::ZipEntries entries(kInput.path());
    while (entries.next()) entries.check_contents();
  });
  expect_error_at_worst([&] {
    const mkdt::TorchDictionary dictionary = mkdt::read_torch_dictionary(kInput.path());
    for (const auto& [name, values] : dictionary.tensors) {
      if (values.nbytes() > size) finding("more values than the file has");
      touch(values);
    }
  });
  return expect_error_at_worst([&] {
    const torch::Tensor values = mkdt::read_torch_tensor(kInput.path());
    if (values.nbytes() > size) finding("more values than the file has");
    touch(values);
  });
}
